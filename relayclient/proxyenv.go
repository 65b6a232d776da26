package relayclient

import (
	"net/http"
	"net/url"

	"golang.org/x/net/http/httpproxy"
)

// A ProxyAddressError reports that a proxy is set to something that is no
// address of one. Its text quotes nothing of it.
type ProxyAddressError struct {
	Variable string // of the environment
	Err      error  // of ParseProxy
}

func (e *ProxyAddressError) Error() string { return "the proxy in " + e.Variable + " " + e.Err.Error() }

func (e *ProxyAddressError) Unwrap() error { return e.Err }

// ProxyFromEnvironment goes by HTTPS_PROXY and NO_PROXY.
// http.ProxyFromEnvironment does, too, but takes what it cannot read for no
// proxy at all, and a connection that goes around the proxy misleads everybody.
func ProxyFromEnvironment(r *http.Request) (*url.URL, error) {
	env := httpproxy.FromEnvironment()
	if env.HTTPSProxy == "" {
		return nil, nil
	}
	proxy, bad := ParseProxy(env.HTTPSProxy)
	env.HTTPSProxy = "http://proxy.invalid" // only asks whether NO_PROXY leaves the host out
	if any, err := env.ProxyFunc()(r.URL); err != nil || any == nil {
		return nil, err
	}
	if bad != nil {
		return nil, &ProxyAddressError{Variable: "HTTPS_PROXY", Err: bad}
	}
	return proxy, nil
}
