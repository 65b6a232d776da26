package live

import (
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/signin"
)

// signedIn puts into the message log as whom a role is about to connect, where
// that is known beforehand.
func (s *Session) signedIn(lane journal.Lane, cfg relayclient.Config) {
	p, ok := cfg.Token.(signin.Provider)
	if !ok {
		return
	}
	if who := p.Who(); who.Way.Entra() && who.Identity.ObjectID != "" {
		s.journal.Append(journal.Row{Time: time.Now(), Lane: lane, Kind: journal.State, Type: "signed in", Text: "as " + who.String()})
	}
}
