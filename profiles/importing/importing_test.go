package importing_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"relayscope/profiles"
	"relayscope/profiles/importing"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

// key is in every sample; a file's secrets are nowhere but in its profiles.
const key = "bWFya2VyLW1hcmtlci1tYXJrZXItbWFya2VyLTEyMzQ="

func sample(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// line says in short what was found.
func line(f importing.Found) string {
	role, s := "listens", f.Profile.SignIn
	if s.Way == 0 && f.Profile.SendSignIn != nil {
		role, s = "sends", *f.Profile.SendSignIn
	}
	secret := "no secret"
	if s.Key.Reveal() == key || strings.Contains(s.Token.Reveal(), key) {
		secret = "secret"
	}
	return fmt.Sprintf("%d: %s = %s/%s %s by %s %s, %s, needs %v", f.Line, f.Profile.Name, f.Profile.Namespace, f.Profile.HybridConnection, role, s.Way, s.KeyName, secret, f.Needs)
}

func TestSamples(t *testing.T) {
	for name, want := range map[string]struct {
		format         importing.Format
		found, ignored []string
	}{
		"strings.txt": {importing.ConnectionStrings, []string{
			"3: orders @ contoso = contoso.servicebus.windows.net/orders listens by shared access key listen, secret, needs []",
			"4: contoso = contoso.servicebus.windows.net/ listens by shared access key RootManageSharedAccessKey, secret, needs [hybrid connection]",
			"6: orders @ contoso = contoso.servicebus.windows.net/orders listens by shared access token , secret, needs []",
		}, []string{"7: a connection string: In the connection string, SharedAccessKey is missing beside SharedAccessKeyName."}},
		"appsettings.json": {importing.AppSettings, []string{
			"5: orders @ contoso = contoso.servicebus.windows.net/orders listens by shared access key listen, secret, needs []",
			"11: billing @ fabrikam = fabrikam.servicebus.windows.net/billing listens by shared access key send, no secret, needs [SharedAccessKey]",
			"17: stock @ contoso = contoso.servicebus.chinacloudapi.cn/stock listens by shared access key listen, secret, needs []",
		}, []string{"6: ConnectionStrings:Storage: This is a connection string of a storage account. Copy one from an Azure Relay namespace, under Shared access policies."}},
		"azbridge.yml": {importing.Azbridge, []string{
			"5: desktop @ contoso = contoso.servicebus.windows.net/desktop sends by shared access key send, secret, needs []",
			"8: sql @ fabrikam = fabrikam.servicebus.windows.net/sql sends by shared access key send, secret, needs []",
			"11: web @ contoso = contoso.servicebus.windows.net/web listens by shared access key send, secret, needs []",
		}, []string{"14: RemoteForward in line 14: It has no RelayName."}},
		"azbridge-parts.yml": {importing.Azbridge, []string{
			"5: web @ contoso = contoso.servicebus.windows.net/web listens by shared access key listen, secret, needs []",
		}, nil},
		"azbridge-nokey.yml": {importing.Azbridge, []string{
			"2: web = /web listens by shared access key , no secret, needs [endpoint SharedAccessKeyName SharedAccessKey]",
		}, nil},
		"connections.json": {importing.HybridConnectionManager, []string{
			"3: orders @ contoso = contoso.servicebus.windows.net/orders listens by shared access key defaultListener, secret, needs []",
		}, []string{"16: entry 1: It has no address of a hybrid connection that can be understood."}},
		"Microsoft.HybridConnectionManager.Listener.exe.config": {importing.HybridConnectionManager, []string{
			"8: orders @ contoso = contoso.servicebus.windows.net/orders listens by shared access key defaultListener, secret, needs []",
		}, []string{"9: an entry: In the connection string, SharedAccessKey is missing beside SharedAccessKeyName."}},
		"tunnelrelay.json": {importing.TunnelRelay, []string{
			"1: DESKTOP-1 @ contoso = contoso.servicebus.windows.net/DESKTOP-1 listens by shared access key RootManageSharedAccessKey, secret, needs []",
		}, nil},
		"tunnelrelay-encrypted.json": {importing.TunnelRelay, []string{
			"4: DESKTOP-1 @ contoso = contoso.servicebus.windows.net/DESKTOP-1 listens by shared access key RootManageSharedAccessKey, no secret, needs [SharedAccessKey]",
		}, nil},
		"ServiceBusExplorer.exe.config": {importing.ServiceBusExplorer, []string{
			"4: Contoso relay = contoso.servicebus.windows.net/ listens by shared access key RootManageSharedAccessKey, secret, needs [hybrid connection]",
		}, []string{
			"5: entry Old: It signs in by Access Control Service, which is retired. Use a shared access policy.",
			"6: entry Broken: In the connection string, Endpoint is missing.",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := importing.Read(name, sample(t, name))
			if err != nil {
				t.Fatal(err)
			}
			var found, ignored []string
			for _, f := range r.Found {
				found = append(found, line(f))
				if len(f.Notes) == 0 {
					t.Errorf("%s has no notes", f.Profile.Name)
				}
			}
			for _, i := range r.Ignored {
				ignored = append(ignored, fmt.Sprintf("%d: %s: %s", i.Line, i.What, i.Why))
			}
			if r.Format != want.format {
				t.Errorf("it is %v, want %v", r.Format, want.format)
			}
			if got, want := strings.Join(found, "\n"), strings.Join(want.found, "\n"); got != want {
				t.Errorf("found\n%s\nwant\n%s", got, want)
			}
			if got, want := strings.Join(ignored, "\n"), strings.Join(want.ignored, "\n"); got != want {
				t.Errorf("ignored\n%s\nwant\n%s", got, want)
			}
			if shown := fmt.Sprintf("%v %+v %#v", r, r, r); strings.Contains(shown, key) {
				t.Errorf("printing shows a secret: %s", shown)
			}
		})
	}
}

func TestBrokenFilesSayWhere(t *testing.T) {
	for name, tt := range map[string]struct {
		text         string
		line, column int
		want         error
	}{
		"JSON":           {"{\n  \"a\": \"" + key + "\",\n  \"b\" \"" + key + "\"\n}", 3, 7, importing.ErrBroken},
		"deep JSON":      {"{\"a\":\n" + strings.Repeat("[", 100), 2, 64, importing.ErrBroken},
		"JSON of else":   {`{"a": 1}`, 0, 0, importing.ErrUnrecognized},
		"YAML":           {"LocalForward:\n  - RelayName: web\n  BindPort: [" + key + "\n", 2, 0, importing.ErrBroken},
		"XML":            {"<configuration>\n  <add key=\"x\" value=\"" + key + "\n</configuration>", 3, 2, importing.ErrBroken},
		"deep XML":       {"\n" + strings.Repeat("<a>", 100), 2, 196, importing.ErrBroken},
		"XML of else":    {"<svg/>", 0, 0, importing.ErrUnrecognized},
		"prose":          {"nothing to see here", 0, 0, importing.ErrUnrecognized},
		"nothing":        {"", 0, 0, importing.ErrUnrecognized},
		"Latin-1":        {"# comment\n# f\xfcr Contoso\nLocalForward:\n", 2, 0, importing.ErrUnrecognized},
		"binary":         {"MZ\x00\x01", 0, 0, importing.ErrUnrecognized},
		"too large":      {strings.Repeat(" ", importing.MaxFile+1), 0, 0, importing.ErrTooLarge},
		"export, edited": {`{"format":"relayscope profiles","v":1,"profiles":[{}]}`, 0, 0, profiles.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := importing.Read("/some/where/file", []byte(tt.text))
			e, ok := errors.AsType[*importing.FileError](err)
			if !ok || !errors.Is(err, tt.want) || e.Line != tt.line || e.Column != tt.column || e.File != "file" || e.Problem == "" {
				t.Fatalf("error %#v, want %v at %d:%d", e, tt.want, tt.line, tt.column)
			}
			if strings.Contains(err.Error(), key) {
				t.Errorf("the error quotes the file: %v", err)
			}
		})
	}
}

func TestTooManyConnectionsAreSaid(t *testing.T) {
	r, err := importing.Read("x", []byte(strings.Repeat("Endpoint=sb://contoso.servicebus.windows.net/;EntityPath=orders\n", 1001)))
	if err != nil || len(r.Found) != 1000 || len(r.Ignored) != 1 || r.Ignored[0].Line != 1001 {
		t.Errorf("found %d, ignored %v, error %v", len(r.Found), r.Ignored, err)
	}
	if _, err := importing.Read("x", []byte("["+strings.Repeat("1,", 200_000)+"1]")); !errors.Is(err, importing.ErrTooLarge) {
		t.Errorf("JSON with too many values: %v", err)
	}
}

func TestMisplacedValuesAreNotRepeated(t *testing.T) {
	r, err := importing.Read("x", []byte(`{"SharedAccessKey=`+key+`": "Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKey=x"}`))
	if err != nil || len(r.Ignored) != 1 || strings.Contains(fmt.Sprint(r.Ignored), key) {
		t.Errorf("ignored %v, error %v", r.Ignored, err)
	}
}

func TestUTF16(t *testing.T) {
	content := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(string(sample(t, "appsettings.json")))) {
		content = append(content, byte(unit), byte(unit>>8))
	}
	r, err := importing.Read("appsettings.json", content)
	if err != nil || len(r.Found) != 3 {
		t.Errorf("found %d profiles, error %v", len(r.Found), err)
	}
}

func TestOwnExportsComeBack(t *testing.T) {
	send := signin.Settings{Way: signin.ClientSecret, Tenant: "contoso.example", ClientID: "11111111-2222-3333-4444-555555555555", Secret: relayclient.NewSecret(key)}
	p := profiles.Profile{
		ID: profiles.NewID(), Name: "orders", Group: "Production", Namespace: "contoso.servicebus.windows.net", HybridConnection: "orders",
		SignIn: signin.Settings{Way: signin.SharedAccessKey, KeyName: "listen", Key: relayclient.NewSecret(key)}, SendSignIn: &send,
	}
	passphrase := relayclient.NewSecret("correct horse battery")
	clear, err := profiles.Export([]profiles.Profile{p}, profiles.ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := profiles.Export([]profiles.Profile{p}, profiles.ExportOptions{Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}

	r, err := importing.Read("x.json", clear)
	if err != nil || r.Format != importing.Export || len(r.Found) != 1 || r.Found[0].Line == 0 {
		t.Fatalf("in clear: %v, error %v", r, err)
	}
	if got := fmt.Sprint(r.Found[0].Needs); got != "[SharedAccessKey sender's secret]" {
		t.Errorf("in clear it needs %s", got)
	}

	if _, err := importing.Read("x.age", sealed); !errors.Is(err, importing.ErrSealed) {
		t.Errorf("sealed, without a passphrase: %v", err)
	}
	if _, err := importing.ReadSealed("x.age", sealed, relayclient.NewSecret("incorrect horse")); !errors.Is(err, profiles.ErrPassphrase) {
		t.Errorf("sealed, with a wrong passphrase: %v", err)
	}
	r, err = importing.ReadSealed("x.age", sealed, passphrase)
	if err != nil || r.Format != importing.SealedExport || len(r.Found) != 1 || len(r.Found[0].Needs) != 0 || !r.Found[0].Profile.SameConnection(p) {
		t.Fatalf("sealed: %v, error %v", r, err)
	}
}

// Whom a profile of somebody else trusts, and where it leads, is said before it
// is taken.
func TestDetoursOfAnExportAreSaid(t *testing.T) {
	p := profiles.Profile{
		ID: profiles.NewID(), Name: "orders", Namespace: "contoso.servicebus.windows.net", HybridConnection: "orders",
		SignIn: signin.Settings{
			Way: signin.ClientSecret, Tenant: "contoso.example", ClientID: "11111111-2222-3333-4444-555555555555", Secret: relayclient.NewSecret(key),
		},
	}
	notes := func() string {
		t.Helper()
		content, err := profiles.Export([]profiles.Profile{p}, profiles.ExportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := importing.Read("x.json", content)
		if err != nil || len(r.Found) != 1 {
			t.Fatalf("%v, error %v", r, err)
		}
		return strings.Join(r.Found[0].Notes, "\n")
	}
	for _, authority := range []string{"", "https://login.microsoftonline.us/"} {
		p.SignIn.Authority = authority
		if got := notes(); strings.Contains(got, "none of Azure's") || strings.Contains(got, "trusts") || strings.Contains(got, "proxy") {
			t.Errorf("with the authority %q: %s", authority, got)
		}
	}
	p.SignIn.Authority, p.Proxy = "https://login.evil.example", relayclient.NewSecret("http://eve:"+key+"@proxy.example:3128")
	p.CACertificates = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
	got := notes()
	for _, want := range []string{"signs in at login.evil.example, which is none of Azure's", "CA certificates of its own", "through the proxy proxy.example:3128."} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, key) {
		t.Errorf("a secret is in %s", got)
	}
}
