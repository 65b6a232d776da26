package identity

import (
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient"
	"relayscope/relayclient/token"
	"relayscope/ui/widgets"
)

// A keyRow takes the key of a SAS token's policy, if the profile's is not it.
type keyRow struct {
	entry   *widgets.Entry
	note    *widget.Label
	content *fyne.Container
}

func newKeyRow(onChange func()) *keyRow {
	k := &keyRow{entry: widgets.NewSecretEntry(), note: small("")}
	k.entry.OnChanged = func(string) { onChange() }
	k.content = container.New(widgets.Stacked{Gap: theme.Padding()}, k.entry, k.note)
	return k
}

func (k *keyRow) typed() relayclient.Secret { return relayclient.NewSecret(k.entry.Text) }

// clear forgets the key that was typed.
func (k *keyRow) clear() {
	if k.entry.Text != "" {
		k.entry.SetText("")
	}
}

func (k *keyRow) describe(s token.SAS, target token.Target) {
	name := visible(s.KeyName, 60)
	if name == "" {
		name = "its policy"
	}
	k.entry.SetPlaceHolder("The key of " + name + ", to check the signature with")
	note := "This profile does not have the key of " + name + ". What you type here is used on this computer, and kept nowhere."
	if !target.Key.Empty() && k.entry.Text == "" {
		note = "The signature is checked with this profile's key of " + name + ". Another key, such as the secondary one, can be tried here."
	}
	widgets.SetText(k.note, note)
}

// A checkRow asks an issuer for its keys, when it is pressed.
type checkRow struct {
	button  *widgets.Button
	note    *widget.Label
	content *fyne.Container
}

func newCheckRow(check func()) *checkRow {
	c := &checkRow{button: widgets.NewButtonWithIcon("Check the signature with the issuer", theme.ConfirmIcon(), check), note: small("")}
	c.content = container.New(widgets.Stacked{Gap: theme.Padding()}, container.NewHBox(c.button), c.note)
	return c
}

func (c *checkRow) describe(j token.JWT, target token.Target) {
	from := "the issuer"
	for _, text := range []string{target.Rules().Authority, j.Issuer} {
		if u, err := url.Parse(text); err == nil && u.Host != "" {
			from = visible(u.Host, 80)
			break
		}
	}
	widgets.SetText(c.note, "Fetches public keys from "+from+". The token itself goes nowhere.")
}
