//go:build linux

package windowtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayscope/profiles"
	"relayscope/relayclient"
)

func TestManagedIdentityProfile(t *testing.T) {
	t.Parallel()
	d := newDesktop(t, "1280x720")
	d.startKeyring(t)
	w := d.open(t)
	w.click("welcome.fill")
	w.fill("form.name", "orders on a VM")
	w.fill("form.group", "Production")
	w.fill("form.endpoint", "contoso.servicebus.chinacloudapi.cn")
	w.fill("form.hybridConnection", "orders")
	w.choose("form.way", "Managed identity")
	w.sees("form.cloud", "Azure China (21Vianet)")
	w.sees("form.doubts", "Microsoft Entra ID is said not to be available")
	if p := w.sees("form.way"); p["form.keyName"].Visible || p["form.tenant"].Visible || p["form.identityID"].Visible {
		t.Error("fields of other ways, or an ID for the machine's own identity, are shown")
	}
	w.whole("system-assigned")
	w.choose("form.identity", "User-assigned, by client ID")
	w.fill("form.identityID", "orders")
	w.click("form.save")
	w.sees("form.identityIDWrong", "is not an ID")
	w.screen("wrong")
	w.fill("form.identityID", "11111111-2222-3333-4444-555555555555")
	w.click("form.save")
	w.sees("bar.about", "managed identity")
	w.sees("group.Production")
	w.screen("saved")
	if err := w.end(); err != nil {
		t.Fatal(err)
	}

	w = d.open(t)
	w.sees("profile.orders on a VM", "orders @ contoso")
	w.click("bar.edit")
	w.wait("form", func(p parts) error {
		return want(p["form.identityID"].Text == "11111111-2222-3333-4444-555555555555" && p["form.group"].Text == "Production",
			"the form has forgotten the identity or the group")
	})
	w.screen("again")
}

func TestSenderSignsInDifferently(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	listens, sends := r.access("listen"), r.access("send")
	w := newDesktop(t, "1280x720").open(t)
	w.click("welcome.paste")
	w.write("form.paste", listens.Reveal())
	w.sees("form.about", "Signs for "+relayclient.Audience(listens.Namespace, listens.HybridConnection))
	w.click("form.network")
	w.fill("form.certificates", r.certificate())
	w.click("form.network")
	w.click("form.apart")
	w.sees("form.sender.way", "SAS policy and key")
	w.fill("form.sender.keyName", sends.KeyName)
	w.fill("form.sender.key", sends.Key.Reveal())
	w.screen("apart")
	w.click("form.save")
	w.sees("bar.about", "SAS listen / SAS send")
	w.startBoth()
	w.send("with two policies")
	w.echoes("#1", "with two policies")
	w.screen("met")
}

// pick opens the menu of the list, and a file from the home folder.
func (w *window) pick(file, content string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.desktop.home, file), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.click("sidebar.more")
	w.click("over.Import…")
	w.click("over." + file)
	w.click("over.Open")
}

func TestImportAndExport(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	cs := r.access("both")
	file, err := json.MarshalIndent([]map[string]string{
		{"Uri": "https://" + cs.Namespace + "/" + cs.HybridConnection, "KeyName": cs.KeyName, "KeyValue": cs.Key.Reveal()},
		{"Uri": "https://" + cs.Namespace + "/nowhere", "KeyName": cs.KeyName, "KeyValue": cs.Key.Reveal()},
	}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	w := newDesktop(t, "1280x720").open(t)
	w.pick("broken.json", "{\n\"a\": [1,\n}")
	w.click("over.Close")
	w.pick("connections.json", string(file))
	w.settled("over.Import 2 profiles")
	w.screen("found")
	w.click("over.Import 2 profiles")
	name := cs.HybridConnection + " @ " + strings.Split(cs.Namespace, ".")[0]
	w.wait("profiles", func(p parts) error {
		var found []string
		for name := range p {
			if strings.HasPrefix(name, "profile.") && strings.Count(name, ".") == 1 {
				found = append(found, name)
			}
		}
		return want(len(found) == 2, "the list has %q, want two profiles like %q", found, name)
	})
	w.screen("imported")

	for choice, name := range map[string]string{"": "relayscope-profiles.json", "With secrets, sealed by a passphrase": "relayscope-profiles.age"} {
		w.click("sidebar.more")
		w.click("over.Export all…")
		if choice != "" {
			w.click("over.radio." + choice)
			w.screen("choice")
			w.click("over.Continue…")
			w.write("over.entry1", "correct horse battery")
			w.key("Tab", "Tab")
			w.write("over.entry2", "correct horse battery")
			w.screen("passphrase")
		}
		w.click("over.Continue…")
		w.click("over.Save")
		w.click("over.OK")
		text, err := os.ReadFile(filepath.Join(w.desktop.home, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), cs.Key.Reveal()) {
			t.Errorf("%s has the key in clear", name)
		}
		list, err := profiles.OpenExport(text, relayclient.NewSecret("correct horse battery"))
		if err != nil || len(list) != 2 {
			t.Fatalf("%s holds %d profiles, %v; want 2", name, len(list), err)
		}
		if has := !list[0].Profile.SignIn.Key.Empty(); has != (choice != "") {
			t.Errorf("%s has keys: %v", name, has)
		}
	}
}

// Without a keyring a sealed file keeps profiles, and the next start opens it.
func TestSealedFileInsteadOfAKeyring(t *testing.T) {
	t.Parallel()
	d := newDesktop(t, "1280x720")
	w := d.open(t)
	w.click("welcome.try")
	w.met()
	w.click("sidebar.seal")
	w.write("over.entry1", "correct horse battery")
	w.key("Return")
	w.write("over.entry2", "correct horse battery")
	w.screen("sealing")
	w.key("Return")
	w.wait("sealed", func(p parts) error {
		return want(!p["sidebar.notice"].Visible, "the notice is %q", p["sidebar.notice"].Text)
	})
	w.send("still connected")
	w.echoes("#1", "still connected")
	if err := w.end(); err != nil {
		t.Fatal(err)
	}

	w = d.open(t)
	w.write("over.entry1", "something else")
	w.key("Return")
	w.sees("over.label2", "does not open the file")
	w.screen("refused")
	w.key("ctrl+a", "BackSpace")
	w.write("over.entry1", "correct horse battery")
	w.key("Return")
	w.sees("profile.Local relay")
	w.screen("opened")
}

// Everything in the list goes by keyboard, too.
func TestListByKeyboard(t *testing.T) {
	t.Parallel()
	w := newDesktop(t, "1280x720").open(t)
	for i, name := range []string{"alpha", "beta"} {
		w.click("sidebar.new")
		w.fill("form.name", name)
		w.fill("form.group", "Greek")
		w.fill("form.endpoint", "contoso.servicebus.windows.net")
		w.fill("form.hybridConnection", name)
		w.choose("form.way", "Azure CLI")
		w.click("form.save")
		w.sees("profile."+name, "Azure CLI")
		w.wait("place of "+name, func(p parts) error {
			return want(i == 0 || p["profile.alpha"].Y < p["profile.beta"].Y, "beta is above alpha")
		})
	}
	w.click("profile.beta")
	w.key("alt+Up")
	w.wait("move up", func(p parts) error {
		return want(p["profile.beta"].Y < p["profile.alpha"].Y, "beta is not above alpha")
	})
	w.key("Down")
	w.sees("bar.name", "alpha")
	w.key("Left", "Left")
	w.wait("fold", func(p parts) error {
		return want(!p["profile.alpha"].Visible && !p["profile.beta"].Visible && p["group.Greek"].Visible, "the group is not folded")
	})
	w.screen("folded")
	w.key("b")
	w.sees("sidebar.filter", "b")
	w.sees("profile.beta")
	w.key("Return")
	w.sees("bar.name", "beta")
	w.key("Escape")
	w.wait("filter cleared", func(p parts) error { return want(p["sidebar.filter"].Text == "", "the filter is still there") })
	w.screen("unfiltered")
}
