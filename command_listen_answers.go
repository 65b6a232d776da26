package main

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"relayscope/relayclient"
	"relayscope/relayclient/responder"
)

// answerSettings are the options that say what a listener answers.
type answerSettings struct {
	Echo       bool          `group:"Answers" help:"Send every message back; the same as --answer echo."`
	Answer     string        `group:"Answers" enum:",echo,manual,canned,forward-tcp,forward-http,silence,reject,ignore" default:"" help:"What WebSocket connections get: echo, canned, forward-tcp, forward-http, silence, reject or ignore; nothing goes back otherwise." placeholder:"ANSWER"`
	HTTPAnswer string        `name:"http-answer" group:"Answers" enum:",echo,canned,forward-http,silence" default:"" help:"What HTTP requests get: echo, canned, forward-http or silence; 501 otherwise." placeholder:"ANSWER"`
	Reply      string        `group:"Answers" help:"The text of the answer canned; it may have placeholders such as {{counter}}, {{time}}, {{uuid}} and {{message}}." placeholder:"TEXT"`
	Target     string        `group:"Answers" help:"Where forward-tcp and forward-http lead: host:port, or a URL." placeholder:"TARGET"`
	Rule       []string      `group:"Answers" sep:"none" help:"A header that forward-http sets, Name: value, or removes, -Name; after < it is one of the response." placeholder:"RULE"`
	Status     int           `group:"Answers" help:"The status of reject (403) and of the answer canned to requests (200)." placeholder:"STATUS"`
	Reason     string        `group:"Answers" help:"The words of reject." placeholder:"TEXT"`
	Header     []string      `group:"Answers" sep:"none" help:"A header of the answer canned to requests, Name: value." placeholder:"HEADER"`
	Delay      time.Duration `group:"Answers" help:"How long every answer waits, such as 250ms." placeholder:"TIME"`
	Jitter     time.Duration `group:"Answers" help:"How much longer by chance." placeholder:"TIME"`
}

func (s *answerSettings) check() error {
	_, err := s.settings()
	return err
}

// settings makes the responder's settings of the options.
func (s *answerSettings) settings() (responder.Settings, error) {
	to := responder.Settings{
		WebSocket: responder.Manual, HTTP: responder.Canned, Text: s.Reply, Rules: strings.Join(s.Rule, "\n"),
		Rejection: responder.Rejection{Status: 403, Text: s.Reason}, Delay: s.Delay, Jitter: s.Jitter,
		Reply: responder.Reply{Status: 200, Header: "Content-Type: text/plain; charset=utf-8", Body: "received\n"}, // with --check-tokens
	}
	switch {
	case s.Echo && s.Answer != "" && s.Answer != string(responder.Echo):
		return to, errors.New("--echo does not go with another --answer")
	case s.Echo:
		to.WebSocket = responder.Echo
	case s.Answer != "":
		to.WebSocket = responder.Answer(s.Answer)
	}
	if s.HTTPAnswer != "" {
		to.HTTP = responder.Answer(s.HTTPAnswer)
		to.Reply = responder.Reply{Status: 200, Header: strings.Join(s.Header, "\n"), Body: s.Reply}
	}
	if s.Status != 0 {
		to.Rejection.Status = s.Status
		if s.HTTPAnswer == string(responder.Canned) {
			to.Reply.Status = s.Status
		}
	}
	to.TCPTarget, to.HTTPTarget = s.Target, s.Target
	if err := s.idle(to); err != nil {
		return to, err
	}
	if to.WebSocket == responder.Canned && s.Reply == "" {
		return to, errors.New("--answer canned needs --reply")
	}
	for _, m := range to.Mistakes() {
		return to, fmt.Errorf("%s: %w", s.option(m.Field), m)
	}
	return to, nil
}

// idle finds options that would have no effect.
func (s *answerSettings) idle(to responder.Settings) error {
	cannedHTTP := s.HTTPAnswer == string(responder.Canned)
	for _, o := range []struct {
		name string
		set  bool
		used bool
		with string
	}{
		{"--reply", s.Reply != "", to.WebSocket == responder.Canned || cannedHTTP, "the answer canned"},
		{"--target", s.Target != "", to.Uses(responder.FieldTCPTarget) || to.Uses(responder.FieldHTTPTarget), "the answers forward-tcp and forward-http"},
		{"--rule", s.Rule != nil, to.Uses(responder.FieldRules), "the answer forward-http"},
		{"--reason", s.Reason != "", to.WebSocket == responder.Reject, "the answer reject"},
		{"--header", s.Header != nil, cannedHTTP, "--http-answer canned"},
		{"--status", s.Status != 0, cannedHTTP || to.WebSocket == responder.Reject, "the answers reject and canned"},
	} {
		if o.set && !o.used {
			return fmt.Errorf("%s goes with %s", o.name, o.with)
		}
	}
	return nil
}

// option names what a mistake is in.
func (s *answerSettings) option(f responder.Field) string {
	switch f {
	case responder.FieldTCPTarget, responder.FieldHTTPTarget:
		return "--target"
	case responder.FieldRules:
		return "--rule"
	case responder.FieldRejection:
		return "--status and --reason"
	case responder.FieldStatus:
		return "--status"
	case responder.FieldHeader:
		return "--header"
	case responder.FieldDelay:
		return "--delay"
	case responder.FieldJitter:
		return "--jitter"
	}
	return "--reply"
}

// answerFailed tells why an answer failed, such as a target that is not there.
func (r *reporter) answerFailed(id string, err error) {
	words := err.Error()
	first, size := utf8.DecodeRuneInString(words)
	r.write(reportLine{Event: "answer-failed", Time: time.Now(), Role: relayclient.Listening.String(), Connection: id,
		Error: strings.ToUpper(string(first)) + words[size:]})
}
