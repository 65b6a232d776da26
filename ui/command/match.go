package command

import (
	"strings"
	"unicode"
)

// Match says how well a text answers to what was typed, and whether it does:
// every word typed must be found in it, its letters in order. Letters that
// begin words and letters that follow one another count more, and so does a
// short text.
func Match(typed, text string) (score int, ok bool) {
	runes := []rune(strings.ToLower(text))
	for _, word := range strings.Fields(strings.ToLower(typed)) {
		best := -1
		for start := range runes {
			if s, ok := matchFrom([]rune(word), runes, start); ok {
				best = max(best, s)
			}
		}
		if best < 0 {
			return 0, false
		}
		score += best
	}
	return score*1000 - len(runes), true
}

// matchFrom looks for the letters of word in text, the first one at start.
func matchFrom(word, text []rune, start int) (score int, ok bool) {
	last := start - 1
	for i, r := range word {
		at := last + 1
		for at < len(text) && text[at] != r {
			at++
		}
		switch {
		case at == len(text) || i == 0 && at != start:
			return 0, false
		case begins(text, at):
			score += 3
		}
		if i > 0 && at == last+1 {
			score += 4
		}
		last = at
	}
	return score + len(word), true
}

// begins reports whether a word begins at this letter.
func begins(text []rune, at int) bool {
	return at == 0 || !unicode.IsLetter(text[at-1]) && !unicode.IsDigit(text[at-1])
}
