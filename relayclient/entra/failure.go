package entra

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"relayscope/relayclient"
)

// failure says why azidentity has no token, by what was seen on the way first
// and by azidentity's words where nothing was.
func (p *Provider) failure(ctx context.Context, err error, seen exchange) error {
	var ours *Error
	if errors.As(err, &ours) {
		return ours
	}
	e := &Error{Source: p.source, Host: seen.host, Status: seen.status, Skew: seen.skew}
	words := err.Error()
	switch {
	case ctx.Err() != nil:
		if !errors.Is(context.Cause(ctx), errTimeout) {
			return context.Cause(ctx) // nobody waits for this
		}
		e.Kind, e.Err = TimedOut, errTimeout
		return e
	case p.source.CLI():
		p.cliFailure(e, err)
	case seen.err != nil:
		e.Kind, e.Err = Unreachable, inner(seen.err)
	case p.source.Managed():
		p.managedFailure(e, words, seen)
	case seen.status >= 400 || seen.status != 0 && !json.Valid(seen.body):
		p.authorityFailure(e, seen)
	default:
		e.Description = printable(words)
		if m := aadsts.FindStringSubmatch(words); m != nil {
			e.Code, _ = strconv.Atoi(m[1])
			e.Kind = kindOf(e.Code)
		}
	}
	e.Description = conceal(e.Description, p.secrets...)
	return e
}

// inner drops the layers of err that only repeat the URL.
func inner(err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	return err
}

// tokenLike matches a JSON Web Token, or how one begins.
var tokenLike = regexp.MustCompile(`eyJ[A-Za-z0-9_.-]{20,}`)

// conceal takes secrets out of somebody else's words.
func conceal(text string, secrets ...relayclient.Secret) string {
	text = tokenLike.ReplaceAllString(text, "[redacted]")
	for _, s := range secrets {
		if !s.Empty() {
			text = strings.ReplaceAll(text, s.Reveal(), s.String())
		}
	}
	return text
}

var (
	aadsts = regexp.MustCompile(`AADSTS(\d+)`)
	// What Entra appends to every description is kept in fields.
	appended = regexp.MustCompile(`\s*Trace ID: .*$`)
)

// An entraAnswer is how Entra and most metadata endpoints refuse.
type entraAnswer struct {
	Error         any    `json:"error"` // a word, or an object in some endpoints
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	CorrelationID string `json:"correlation_id"`
	TraceID       string `json:"trace_id"`
	Message       string `json:"message"`
}

// read takes what matters out of an answer. It reports whether it was one.
func (e *Error) read(body []byte) (entraAnswer, bool) {
	var a entraAnswer
	if json.Unmarshal(body, &a) != nil {
		return a, false
	}
	e.CorrelationID, e.TraceID = printable(a.CorrelationID), printable(a.TraceID)
	if word, ok := a.Error.(string); ok && a.Description == "" {
		a.Description = first(a.Message, word)
	}
	e.Description = printable(appended.ReplaceAllString(printable(a.Description), ""))
	if len(a.Codes) > 0 {
		e.Code = a.Codes[0]
	}
	if m := aadsts.FindStringSubmatch(a.Description); m != nil && e.Code == 0 {
		e.Code, _ = strconv.Atoi(m[1])
	}
	e.Description = strings.TrimPrefix(e.Description, "AADSTS"+strconv.Itoa(e.Code)+": ")
	return a, true
}

func (p *Provider) authorityFailure(e *Error, seen exchange) {
	a, ok := e.read(seen.body)
	if !ok {
		e.Description = "the answer is not from Microsoft Entra ID"
		if words := excerpt(seen.body); words != "" && seen.status >= 300 {
			e.Description += ": " + words
		}
		e.Kind = Unreachable
		return
	}
	e.Kind = kindOf(e.Code)
	if e.Kind == BadCertificate && p.source == FromWorkload {
		e.Kind = NotFederated // it signs nothing itself
	}
	if e.Kind != 0 {
		return
	}
	switch a.Error {
	case "invalid_client":
		e.Kind = WrongSecret
	case "authorization_declined", "access_denied":
		e.Kind = LoginDeclined
	case "expired_token", "code_expired", "interaction_required", "consent_required", "invalid_grant", "login_required":
		e.Kind = LoginNeeded
	case "invalid_resource", "invalid_scope":
		e.Kind = WrongAudience
	case "invalid_tenant":
		e.Kind = UnknownTenant
	}
}

// managedFailure reads the answer of a metadata endpoint.
func (p *Provider) managedFailure(e *Error, words string, seen exchange) {
	_, ok := e.read(seen.body)
	lower := strings.ToLower(e.Description)
	switch {
	case seen.status == 0:
		e.Description = printable(words)
	case p.source == FromArc && seen.status == http.StatusUnauthorized && !seen.asked:
		p.keyFile(e, words, seen.header)
	case strings.Contains(words, "did not confirm the requested"):
		e.Kind, e.Description = OtherIdentity, "Azure Arc gave a token of another identity than the chosen one"
	case strings.Contains(lower, "multiple user assigned") || strings.Contains(lower, "multiple managed identities"):
		e.Kind = SeveralIdentities
	case blocked(seen, ok):
		e.Kind = MetadataBlocked
		e.Description = excerpt(seen.body)
	case seen.status == http.StatusBadRequest && strings.Contains(lower, "resource") && !strings.Contains(lower, "identity"), kindOf(e.Code) == WrongAudience:
		e.Kind = WrongAudience
	case seen.status == http.StatusBadRequest, seen.status == http.StatusNotFound && ok && p.source != FromVM:
		e.Kind = IdentityNotFound
	case seen.status < 400:
		e.Description = "its answer cannot be read"
	default:
		e.Kind = kindOf(e.Code)
	}
}

// blocked reports whether a proxy answered in the metadata service's place:
// that one writes JSON, whatever it has to say.
func blocked(seen exchange, isJSON bool) bool {
	switch seen.status {
	case http.StatusForbidden, http.StatusProxyAuthRequired:
		return !isJSON || strings.Contains(strings.ToLower(string(seen.body)), "unreachable")
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !isJSON
	}
	return !isJSON && seen.header.Get("Via") != ""
}

// excerpt is how an answer begins that should not have come.
func excerpt(body []byte) string {
	return printable(strings.ToValidUTF8(string(body[:min(len(body), 200)]), ""))
}

// keyFile finds out why the second request to Azure Arc, the one with the
// content of a file, was not made.
func (p *Provider) keyFile(e *Error, words string, header http.Header) {
	_, path, _ := strings.Cut(header.Get("WWW-Authenticate"), "Basic realm=")
	e.Kind, e.Description = KeyFileUnreadable, printable(words)
	folder := keyFolder()
	if name := strings.TrimPrefix(path, folder); name == path || !strings.HasSuffix(name, ".key") || strings.ContainsAny(name, `/\`) {
		e.Kind, e.Description = 0, "it names a key file where none can be" // whoever answered is not the agent
		return
	}
	e.Path, e.Description = printable(path), ""
	if e.Err = readable(path); e.Err == nil {
		e.Description = printable(words)
	}
}

// credentialName is how azidentity begins its words.
var credentialName = regexp.MustCompile(`^Azure(Developer)?CLICredential: `)

// cliFailure reads what a CLI wrote.
func (p *Provider) cliFailure(e *Error, err error) {
	var ran *azidentity.AuthenticationFailedError
	words, _, _ := strings.Cut(credentialName.ReplaceAllString(err.Error(), ""), "To troubleshoot, visit")
	e.Host, e.Status = "", 0
	if !errors.As(err, &ran) && strings.Contains(words, "not found on path") {
		e.Kind = CLIMissing
		return
	}
	e.Description = printable(strings.TrimPrefix(strings.TrimSpace(words), "ERROR: "))
	if m := aadsts.FindStringSubmatch(words); m != nil {
		e.Code, _ = strconv.Atoi(m[1])
		e.Kind = kindOf(e.Code)
	}
	if lower := strings.ToLower(words); e.Kind == 0 && (strings.Contains(lower, "az login") || strings.Contains(lower, "azd auth login") || strings.Contains(lower, "az account set") || strings.Contains(lower, "no subscription found")) {
		e.Kind = CLISignedOut
	}
}

// kindOf maps the numbers of Entra's codes to what they mean here.
func kindOf(code int) Kind {
	switch code {
	case 7000215, 7000216, 70002:
		return WrongSecret
	case 7000222:
		return ExpiredSecret
	case 90002, 900021, 900023, 50059:
		return UnknownTenant
	case 700016, 700001, 7000229:
		return UnknownClient
	case 7000112:
		return ClientDisabled
	case 500011, 50001, 650057, 650052, 65005, 70011, 1002012, 9010010, 28002:
		return WrongAudience
	case 900382, 900432, 900439, 90051:
		return WrongCloud
	case 700027, 700021, 700022, 700023, 7000214, 50027:
		return BadCertificate
	case 70021, 700211, 700212, 700213:
		return NotFederated
	case 700024, 500133:
		return ClockWrong
	case 65001, 90094, 900941, 50020, 50055, 50057, 50058, 50072, 50074, 50076, 50078, 50079, 50089, 50173, 70008, 70016, 70018, 70019, 70020, 70043, 70044, 700082, 700084, 160021, 16000:
		return LoginNeeded
	case 65004:
		return LoginDeclined
	case 7000218, 50011, 500113:
		return NotForPeople
	case 50005, 50097, 50105, 53000, 53001, 53002, 53003, 53004, 53009, 53011, 530003, 530032, 530035:
		return PolicyBlocked
	}
	return 0
}
