package entra

import "encoding/asn1"

// maxRounds bounds how often a passphrase is hashed to open a PFX file. Tools
// that make them take some thousands, and careful people a million; a file that
// asks for more would keep whoever opens it waiting for minutes.
const maxRounds = 5_000_000

// tooMuchWork reports whether a PFX file asks for more than maxRounds, as far as
// it says so in clear. There the number follows the salt.
func tooMuchWork(der []byte, depth int) bool {
	salt := false
	for len(der) > 0 && depth > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			return false // which pkcs12 will say
		}
		octets, number := v.Class == asn1.ClassUniversal && v.Tag == asn1.TagOctetString, v.Class == asn1.ClassUniversal && v.Tag == asn1.TagInteger
		switch {
		case number && salt:
			var rounds int64
			if _, err := asn1.Unmarshal(v.FullBytes, &rounds); err != nil || rounds > maxRounds {
				return true
			}
		case v.IsCompound && tooMuchWork(v.Bytes, depth-1):
			return true
		case octets && len(v.Bytes) > 0 && v.Bytes[0] == 0x30 && tooMuchWork(v.Bytes, depth-1): // a sequence inside
			return true
		}
		salt, der = octets, rest
	}
	return false
}
