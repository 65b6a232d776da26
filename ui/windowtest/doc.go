// Package windowtest drives the real program in a real window, by mouse and
// keyboard, on displays that nobody sees.
package windowtest
