package ui

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/ui/widgets"
)

// sealedName is the file that keeps profiles where there is no keyring.
const sealedName = "profiles.sealed"

// offerSealed lets a person without a keyring keep profiles in a sealed file,
// or open the one that there is.
func (u *Window) offerSealed() {
	if u.keeper.keyring == nil || u.folder == "" {
		return
	}
	widgets.SetVisible(u.sidebar.seal, true)
	if u.sealedExists() {
		u.sidebar.seal.SetText("Open the file…")
		u.seal()
	}
}

func (u *Window) sealedExists() bool {
	_, err := os.Stat(filepath.Join(u.folder, sealedName))
	return err == nil
}

// seal asks for the passphrase of the sealed file, which it makes if there is
// none.
func (u *Window) seal() {
	path := filepath.Join(u.folder, sealedName)
	title, words, yes, twice := "Open your profiles", "There is no keyring here. Your profiles are in the file "+path+", sealed by a passphrase.", "Open", false
	if !u.sealedExists() {
		title, yes, twice = "Keep profiles in a sealed file", "Create", true
		words = "There is no keyring here. Instead, profiles and their keys can be kept in the file " + path +
			", sealed by a passphrase that you type at every start. Without it nobody can read them, you included."
	}
	u.askPassphrase(title, words, yes, twice, func(p *passphraseDialog, s relayclient.Secret) {
		u.keeper.seal(path, s, func(entries []profiles.Entry, err error) {
			if err != nil {
				f := storeFailure(err)
				p.fail(f.Title + ". " + f.Next)
				return
			}
			p.close()
			u.sidebar.warn("", widgets.Failure{}, false)
			u.list(entries)
			u.welcome.keeping.SetText(keptIn(u.keeper.store.Where()))
			u.welcome.keeping.Show()
			if e, ok := u.entry(u.current); len(entries) > 0 && !ok && !u.form.content.Visible() {
				u.open(entries[0].ID)
			} else if ok && u.form.content.Visible() {
				u.form.where.SetText(keptIn(u.keeper.store.Where()))
				u.form.original.Revision = e.Profile.Revision
			}
		})
	})
}

// seal goes over to a sealed file and takes along what was kept in memory.
func (k *keeper) seal(path string, passphrase relayclient.Secret, done func([]profiles.Entry, error)) {
	before := k.store
	k.work(func(life context.Context) {
		ctx, cancel := context.WithTimeout(life, keeperPatience)
		defer cancel()
		store, entries, err := openAndMove(ctx, path, passphrase, before)
		if err == nil { // the window may have ended, and know nothing of it
			context.AfterFunc(life, func() {
				ctx, cancel := context.WithTimeout(context.WithoutCancel(life), time.Second)
				defer cancel()
				_ = store.Close(ctx)
			})
		}
		k.onMain(func() {
			if err == nil {
				k.store, k.keyring = store, nil
				k.discard(before)
			}
			done(entries, err)
		})
	})
}

func openAndMove(ctx context.Context, path string, passphrase relayclient.Secret, from *profiles.Store) (*profiles.Store, []profiles.Entry, error) {
	to, err := profiles.OpenSealed(path, passphrase)
	if err != nil {
		return nil, nil, err
	}
	var entries []profiles.Entry
	_, err = from.CopyTo(ctx, to)
	if err == nil {
		entries, err = to.List(ctx)
	}
	if err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = to.Close(ctx)
		return nil, nil, err
	}
	return to, entries, nil
}
