package profiles

// A Field is a part of a Profile that a person fills in. Those between
// FieldWay and FieldAudience are parts of SignIn; Sender names the same part
// of SendSignIn.
type Field int

// The fields, in the order in which a form shows them.
const (
	_ Field = iota
	FieldName
	FieldGroup
	FieldNamespace
	FieldHybridConnection
	FieldWay
	FieldKeyName
	FieldKey
	FieldLifetime
	FieldToken
	FieldTenant
	FieldClientID
	FieldSecret // ClientSecret's secret, or a ClientCertificate's passphrase
	FieldCertificate
	FieldIdentityID
	FieldAuthority
	FieldAudience
	FieldCACertificates
	FieldProxy
)

// ofSender is set in the fields of SendSignIn.
const ofSender Field = 1 << 8

// Sender returns the same field of SendSignIn. A field that is not part of a
// way to sign in is returned as it is.
func (f Field) Sender() Field {
	if f < FieldWay || f > FieldAudience {
		return f
	}
	return f | ofSender
}

// OfSender reports whether f is a field of SendSignIn.
func (f Field) OfSender() bool { return f&ofSender != 0 }

var fieldNames = map[Field]string{
	FieldName:             "name",
	FieldGroup:            "group",
	FieldNamespace:        "endpoint",
	FieldHybridConnection: "hybrid connection",
	FieldWay:              "way to sign in",
	FieldKeyName:          "SharedAccessKeyName",
	FieldKey:              "SharedAccessKey",
	FieldLifetime:         "token lifetime",
	FieldToken:            "token",
	FieldTenant:           "tenant",
	FieldClientID:         "client ID",
	FieldSecret:           "secret",
	FieldCertificate:      "certificate",
	FieldIdentityID:       "identity",
	FieldAuthority:        "authority",
	FieldAudience:         "audience",
	FieldCACertificates:   "CA certificates",
	FieldProxy:            "proxy",
}

// String returns what the field is called in front of people.
func (f Field) String() string {
	switch name, ok := fieldNames[f&^ofSender]; {
	case !ok:
		return "no field"
	case f.OfSender():
		return "sender's " + name
	default:
		return name
	}
}
