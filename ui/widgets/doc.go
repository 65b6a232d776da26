// Package widgets holds the parts of the window that know nothing about relays:
// a log view, a status chip and a text area for payloads.
//
// Everything here belongs to the goroutine that owns the window, but for the
// methods that say otherwise. Nothing here calls fyne.Do: whoever makes a
// widget that can change from outside passes the function that does.
package widgets
