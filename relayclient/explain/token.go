package explain

import (
	"errors"
	"strings"

	"relayscope/relayclient/token"
)

// unreadable explains why a text could not be read as a token; false means
// that err is about something else.
func unreadable(err error) (Message, bool) {
	var te *token.Error
	if !errors.As(err, &te) {
		return Message{}, false
	}
	const whole = "Copy the whole token: a SAS token begins with SharedAccessSignature, a JWT with eyJ, and neither has a space at another place."
	switch {
	case errors.Is(err, token.ErrEmpty):
		return Message{Title: "There is no token", Cause: "The text is empty.", Next: whole}, true
	case errors.Is(err, token.ErrTooLong):
		return Message{Title: "The text is too long for a token", Cause: "Tokens of Azure have a few thousand characters at most.", Next: whole}, true
	case errors.Is(err, token.ErrNotToken):
		return Message{Title: "This is not a token", Cause: sentence(strings.TrimPrefix(te.Error(), "token: ")), Next: whole}, true
	case te.Kind == token.KindJWT:
		return Message{Title: "The JWT cannot be read", Cause: sentence(strings.TrimPrefix(te.Error(), "token: ")), Next: "Copy it again, all three parts with the full stops between them."}, true
	}
	return Message{Title: "The SAS token cannot be read", Cause: sentence(strings.TrimPrefix(te.Error(), "token: ")), Next: "Copy it again, or make it anew: behind the word SharedAccessSignature come the fields sr, sig, se and skn."}, true
}
