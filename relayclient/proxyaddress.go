package relayclient

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// ParseProxy reads the address of a proxy, such as proxy.example:3128 or
// socks5://user:password@proxy.example, for http.ProxyURL and Config.Proxy.
// Without a scheme it is an HTTP proxy. Credentials are percent-encoded, as in
// every URL. An error is a clause that follows "the proxy" and quotes nothing,
// because there may be a password in it.
func ParseProxy(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return nil, errors.New("has a space, a line break or an invisible character inside")
	}
	scheme, _, _ := strings.Cut(text, "://")
	if proxyPorts[strings.ToLower(scheme)] == "" {
		return nil, errors.New("must begin with http://, https:// or socks5://")
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("is not an address; in a name or password, write % @ : / ? # as %25 %40 %3A %2F %3F %23")
	}
	port, err := strconv.Atoi(u.Port())
	switch {
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(text, "#"):
		return nil, errors.New("has something after its host; in a name or password, write / ? # as %2F %3F %23")
	case u.Hostname() == "":
		return nil, errors.New("has no host")
	case u.Port() != "" && (err != nil || port < 1 || port > 65535), strings.HasSuffix(u.Host, ":"):
		return nil, errors.New("has a port that is not a number from 1 to 65535")
	}
	u.Path = ""
	return u, nil
}
