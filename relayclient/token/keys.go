package token

import (
	"crypto/rsa"
	"encoding/json"
	"errors"

	"github.com/MicahParks/jwkset"
)

// A signingKey is a key that an issuer publishes.
type signingKey struct {
	public *rsa.PublicKey
	issuer string // whose tokens it signs, perhaps with {tenantid} in it; "" if it does not say
}

// minKeyBits is the least that RS256 allows (RFC 7518, section 3.3).
const minKeyBits = 2048

// parseKeys reads a JSON Web Key Set. Keys that cannot check an RS256
// signature are left out: a set may hold others, too.
func parseKeys(data []byte) (map[string]signingKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(data, &set) != nil {
		return nil, errors.New("it is not a JSON Web Key Set")
	}
	keys := map[string]signingKey{}
	for _, raw := range set.Keys {
		var more struct {
			Issuer string `json:"issuer"` // not of the standard; version 2.0 has it
		}
		key, err := jwkset.NewJWKFromRawJSON(raw, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil || json.Unmarshal(raw, &more) != nil {
			continue
		}
		m := key.Marshal()
		public, ok := key.Key().(*rsa.PublicKey)
		if !ok || m.KID == "" || m.USE != "" && m.USE != jwkset.UseSig || m.ALG != "" && m.ALG != jwkset.AlgRS256 || public.N.BitLen() < minKeyBits {
			continue
		}
		keys[m.KID] = signingKey{public, more.Issuer}
	}
	if len(keys) == 0 {
		return nil, errors.New("it has no key for RS256 signatures")
	}
	return keys, nil
}
