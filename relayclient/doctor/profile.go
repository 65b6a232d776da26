package doctor

import (
	"context"
	"errors"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
)

// Errors of a Plan, to test for with errors.Is.
var (
	ErrNoRole           = errors.New("doctor: neither a listener nor a sender is given")
	ErrDifferentTargets = errors.New("doctor: listener and sender are about different hybrid connections")
)

// profile checks the settings and finds the way that they lead.
func (r *run) profile(_ context.Context, s *Step) {
	role, cfg, err := r.plan.target()
	if err != nil {
		s.fail(err, role)
		var setting *SettingError
		switch {
		case errors.Is(err, ErrNoRole):
			s.Finding = explain.NothingToTest()
		case errors.Is(err, ErrDifferentTargets):
			s.Finding = explain.DifferentTargets()
		case errors.As(err, &setting):
			s.Finding = explain.BadSetting(setting.Error())
		}
		return
	}
	r.cfg = cfg
	r.report.Namespace, r.report.HybridConnection = cfg.Namespace, cfg.HybridConnection
	if r.route, err = relayclient.RouteOf(cfg); err != nil {
		s.fail(err, role)
		return
	}
	r.report.Via = r.route.Via
	if r.plan.Listen != nil && r.plan.Listen.Token == nil {
		s.fail(relayclient.ErrTokenNeeded, relayclient.Listening)
		return
	}
	s.Status = Passed
	s.Detail = r.plan.roles() + " of " + cfg.HybridConnection + " at " + cfg.Namespace
}

// target returns what both roles have in common.
func (p Plan) target() (relayclient.Role, relayclient.Config, error) {
	if p.Listen == nil && p.Send == nil {
		return relayclient.Listening, relayclient.Config{}, ErrNoRole
	}
	role, from := relayclient.Listening, p.Listen
	if from == nil {
		role, from = relayclient.Sending, p.Send
	}
	cfg, err := cleaned(*from)
	if err != nil {
		return role, cfg, err
	}
	if p.Listen != nil && p.Send != nil {
		other, err := cleaned(*p.Send)
		if err != nil {
			return relayclient.Sending, cfg, err
		}
		if other.Namespace != cfg.Namespace || other.HybridConnection != cfg.HybridConnection {
			return role, cfg, ErrDifferentTargets
		}
	}
	return role, cfg, nil
}

// cleaned returns cfg with its names as the client uses them.
func cleaned(cfg relayclient.Config) (relayclient.Config, error) {
	var err error
	if cfg.Namespace, err = relayclient.CleanNamespace(cfg.Namespace); err != nil {
		return cfg, &SettingError{Setting: "namespace", Err: err}
	}
	if cfg.HybridConnection, err = relayclient.CleanHybridConnection(cfg.HybridConnection); err != nil {
		return cfg, &SettingError{Setting: "hybrid connection's name", Err: err}
	}
	return cfg, nil
}

// A SettingError reports a setting that cannot be used.
type SettingError struct {
	Setting string // such as "namespace"
	Err     error  // a clause that follows it
}

func (e *SettingError) Error() string { return "the " + e.Setting + " " + e.Err.Error() }

func (e *SettingError) Unwrap() error { return e.Err }

func (p Plan) roles() string {
	switch {
	case p.Listen == nil:
		return "sender"
	case p.Send == nil:
		return "listener"
	}
	return "listener and sender"
}
