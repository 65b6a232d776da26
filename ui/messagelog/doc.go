// Package messagelog is the message log: rows that a filter chooses, and
// beside them all there is to the row that is selected. It shows what happens
// now, or a file that was recorded earlier.
package messagelog
