package localrelay

import "time"

// checkToken verifies a shared access signature against the rules of an entity, then those of
// its namespace.
func checkToken(token, host string, path []string, right Rights, now time.Time, levels ...[]Rule) (time.Time, *refusal) {
	if token == "" {
		return time.Time{}, unauthorized(textMissing)
	}
	t, problem := parseSAS(token)
	if problem != "" {
		return time.Time{}, unauthorized("MalformedToken: " + problem)
	}
	if !t.expires.After(now) {
		return time.Time{}, expired(t.expires)
	}
	// Two levels may have a rule of the same name. Either may let the token
	// in; if none does, the nearer one says why.
	var first *refusal
	for _, rules := range levels {
		rule, ok := ruleNamed(rules, t.keyName)
		if !ok {
			continue
		}
		refused := checkRule(t, rule, host, path, right)
		if refused == nil {
			return t.expires, nil
		}
		if first == nil {
			first = refused
		}
	}
	if first == nil {
		first = unauthorized(textSignature)
	}
	return time.Time{}, first
}

func checkRule(t sasToken, rule Rule, host string, path []string, right Rights) *refusal {
	switch {
	case !t.signedWith(rule.PrimaryKey.Reveal()) && !t.signedWith(rule.SecondaryKey.Reveal()):
		return unauthorized(textSignature)
	case !t.covers(host, path):
		return unauthorized(textAudience)
	case rule.Rights&right == 0:
		return lacks(right)
	}
	return nil
}
