package identity

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/entra"
	"relayscope/relayclient/token"
	"relayscope/ui/widgets"
)

// rights are the command lines that give an identity its roles: no token says
// whether it has them.
type rights struct {
	lines   []*assignment
	content *fyne.Container
}

// An assignment is one role's command line.
type assignment struct {
	role   entra.Role
	line   *widget.Label
	copyIt *widgets.Button
}

func newRights(copyText func(string)) *rights {
	r := &rights{}
	r.content = container.New(widgets.Stacked{Gap: theme.Padding()}, subheading("Roles for this identity"),
		small("A token does not show roles. Whoever may assign them runs one of these lines; it takes a few minutes until the relay knows. SUBSCRIPTION and RESOURCE-GROUP are those of the namespace."))
	for _, role := range []entra.Role{entra.ListenerRole(), entra.SenderRole()} {
		a := &assignment{role: role, line: widget.NewLabel("")}
		a.line.Selectable = true
		a.line.Wrapping = fyne.TextWrapBreak
		a.line.TextStyle.Monospace = true
		a.copyIt = widgets.NewButtonWithIcon("Copy the line for "+role.Name, theme.ContentCopyIcon(), func() { copyText(a.line.Text) })
		r.lines = append(r.lines, a)
		r.content.Add(a.line)
		r.content.Add(container.NewHBox(a.copyIt))
	}
	return r
}

func (r *rights) set(j token.JWT, target token.Target) {
	who := entra.Identity{Person: j.Holder == token.User, ObjectID: visible(j.ObjectID, 100)}
	for _, a := range r.lines {
		widgets.SetText(a.line, entra.RoleAssignment(a.role, who, entra.AssignmentScope{Namespace: target.Namespace, HybridConnection: target.HybridConnection}))
	}
}
