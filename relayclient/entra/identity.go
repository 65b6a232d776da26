package entra

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// An Identity is who a token was issued to, as the token itself says. Its
// signature has not been checked: that is the relay's business.
type Identity struct {
	Name       string // of a person, an application or a managed identity; "" if the token has none
	Person     bool   // signed in as a person, not as an application
	AppID      string // application (client) ID
	ObjectID   string // of the person or service principal; roles are assigned to it
	Tenant     string // ID of the tenant
	ResourceID string // of a user-assigned managed identity, or of what a system-assigned one belongs to
	Source     Source
}

// String says who it is in a few words, with an ID that can be looked up.
func (i Identity) String() string {
	id := i.ObjectID
	label := "object "
	if id == "" {
		id, label = i.AppID, "application "
	}
	switch {
	case i.Name != "" && id != "":
		return i.Name + " (" + label + id + ")"
	case i.Name != "":
		return i.Name
	case id != "":
		return label + id
	}
	return "somebody unknown"
}

// identify reads who a token was issued to. What is no JSON Web Token gives
// the empty Identity.
func identify(token string) Identity {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return Identity{}
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return Identity{}
	}
	var c struct {
		UPN               string `json:"upn"`
		UniqueName        string `json:"unique_name"`
		PreferredUsername string `json:"preferred_username"`
		AppDisplayName    string `json:"app_displayname"`
		AppID             string `json:"appid"`
		AuthorizedParty   string `json:"azp"`
		ObjectID          string `json:"oid"`
		Tenant            string `json:"tid"`
		ResourceID        string `json:"xms_mirid"`
		Scopes            string `json:"scp"`
		Type              string `json:"idtyp"`
	}
	if json.Unmarshal(payload, &c) != nil {
		return Identity{}
	}
	i := Identity{
		Name:     printable(first(c.UPN, c.PreferredUsername, c.UniqueName)),
		AppID:    printable(first(c.AppID, c.AuthorizedParty)),
		ObjectID: printable(c.ObjectID), Tenant: printable(c.Tenant), ResourceID: printable(c.ResourceID),
	}
	i.Person = c.Type == "user" || c.Type == "" && (i.Name != "" || c.Scopes != "")
	if !i.Person {
		i.Name = printable(first(c.AppDisplayName, c.ResourceID[strings.LastIndexByte(c.ResourceID, '/')+1:]))
	}
	return i
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
