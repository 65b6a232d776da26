package cloud_test

import (
	"testing"

	"relayscope/relayclient/cloud"
)

func TestCloudOfNamespace(t *testing.T) {
	for namespace, want := range map[string]struct {
		name  string
		known bool
	}{
		"contoso.servicebus.windows.net":           {"Azure public", true},
		"CONTOSO.ServiceBus.Windows.Net:443":       {"Azure public", true},
		"contoso.servicebus.windows.net.":          {"Azure public", true},
		"contoso.servicebus.usgovcloudapi.net":     {"Azure US Government", true},
		"contoso.servicebus.chinacloudapi.cn":      {"Azure China (21Vianet)", true},
		"localhost:8443":                           {"Azure public", false},
		"servicebus.windows.net":                   {"Azure public", false},
		"contoso.servicebus.windows.net.evil.test": {"Azure public", false},
	} {
		if got, known := cloud.Of(namespace); got.Name != want.name || known != want.known {
			t.Errorf("Of(%q) = %q, %v, want %q, %v", namespace, got.Name, known, want.name, want.known)
		}
	}
}

func TestIssuersBelongToTheirCloud(t *testing.T) {
	public, china := cloud.All()[0], cloud.All()[2]
	for _, tt := range []struct {
		in   cloud.Cloud
		host string
		want bool
	}{
		{public, "login.microsoftonline.com", true},
		{public, "STS.windows.net", true},
		{public, "sts.chinacloudapi.cn", false},
		{china, "sts.chinacloudapi.cn", true},
		{china, "login.microsoftonline.com", false},
		{public, "login.microsoftonline.com.evil.test", false},
		{public, "", false},
	} {
		if got := tt.in.Issues(tt.host); got != tt.want {
			t.Errorf("%s issues at %q: got %v, want %v", tt.in.Name, tt.host, got, tt.want)
		}
	}
}
