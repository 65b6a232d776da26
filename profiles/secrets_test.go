package profiles

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

const marker = "MARKER-5up3r-s3cret-"

// mark puts a marker into every Secret that v holds, however deep, so that a
// field that is added later is covered too. It returns how many there are.
func mark(v reflect.Value, n int) int {
	switch {
	case v.Type() == reflect.TypeFor[relayclient.Secret]():
		v.Set(reflect.ValueOf(relayclient.NewSecret(fmt.Sprint(marker, n))))
		return n + 1
	case v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Struct && strings.HasPrefix(v.Type().Elem().PkgPath(), "relayscope"):
		v.Set(reflect.New(v.Type().Elem()))
		return mark(v.Elem(), n)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				n = mark(v.Field(i), n)
			}
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		return mark(v.Index(0), n)
	}
	return n
}

func TestNothingPrintedShowsASecret(t *testing.T) {
	for _, v := range []any{
		&Profile{}, &Entry{}, &ChangedError{}, &ValidationError{}, &ImportError{}, &Fault{}, &Placement{}, &Result{}, &Exported{}, &ExportOptions{}, &signin.Settings{},
	} {
		marked := mark(reflect.ValueOf(v).Elem(), 0)
		if _, is := v.(*Profile); is && marked < 9 {
			t.Fatalf("only %d secrets found in a profile", marked)
		}
		for _, what := range []any{v, reflect.ValueOf(v).Elem().Interface(), []any{v}, map[string]any{"x": v}, struct{ X any }{v}} {
			var log strings.Builder
			slog.New(slog.NewTextHandler(&log, nil)).Info("x", "value", what)
			slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "value", what)
			text, err := json.Marshal(what)
			if err != nil {
				t.Fatalf("%T: %v", v, err)
			}
			log.Write(text)
			for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
				fmt.Fprintf(&log, format, what)
			}
			shown := strings.ToLower(log.String())
			if strings.Contains(shown, strings.ToLower(marker)) || strings.Contains(shown, fmt.Sprintf("%x", marker)) {
				t.Errorf("%T in %T shows a secret: %s", v, what, log.String())
			}
		}
	}
}

// A profile with a marker in every secret goes through everything that can
// fail, in every way of signing in: no error quotes one, and no file holds one.
func TestNoErrorOrFileShowsASecret(t *testing.T) {
	folder := t.TempDir()
	sealedFile, err := openSealed(filepath.Join(folder, "profiles.sealed"), relayclient.NewSecret(marker+"passphrase"), cheapWork)
	if err != nil {
		t.Fatal(err)
	}
	_, wrong := openSealed(filepath.Join(folder, "profiles.sealed"), relayclient.NewSecret(marker+"wrong"), cheapWork)
	whole := memoryStore(t, sealedFile)
	whole.vault.results.path = filepath.Join(folder, resultsName)
	broken := memoryStore(t, chatty{newMemory()})
	shown := []error{wrong}
	saved := 0
	for way := range wayWords {
		p := Profile{}
		mark(reflect.ValueOf(&p).Elem(), 0)
		p.SignIn.Way, p.SendSignIn.Way = way, way
		shown = append(shown, p.Validate())

		valid := some(NewID(), "valid", 0)
		p.SendSignIn.KeyName, p.SendSignIn.Tenant, p.SendSignIn.ClientID = "k", "contoso.com", strings.Repeat("0", 8)+"-0000-0000-0000-000000000000"
		p.SendSignIn.Token = relayclient.NewSecret("SharedAccessSignature sr=x&se=1&skn=k&sig=" + marker)
		p.SendSignIn.Certificate = relayclient.NewSecret(clientCertificate(t, time.Hour))
		valid.SendSignIn = p.SendSignIn
		stored, err := whole.Save(t.Context(), valid)
		if err != nil {
			t.Errorf("%s: %v", wayWords[way], err)
			continue
		}
		saved++
		for _, problem := range stored.Warnings(at(1e9)) {
			shown = append(shown, errors.New(problem.Message))
		}
		_, conflict := whole.Save(t.Context(), some(valid.ID, "other", 0))
		_, failure := broken.Save(t.Context(), valid)
		shown = append(shown, conflict, failure, whole.SetLastResult(t.Context(), valid.ID, Result{OK: true, At: at(0)}))
	}
	if saved != len(wayWords) {
		t.Fatalf("%d of %d ways were saved", saved, len(wayWords))
	}
	for _, err := range shown {
		for ; err != nil; err = errors.Unwrap(err) {
			if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, marker) {
				t.Errorf("an error shows a secret: %s", text)
			}
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) < 2 {
		t.Fatalf("files: %v, %v; want the sealed one and the results", files, err)
	}
	for _, f := range files {
		if text, err := os.ReadFile(filepath.Join(folder, f.Name())); err != nil || strings.Contains(string(text), marker) {
			t.Errorf("%s shows a secret, %v", f.Name(), err)
		}
	}
}

// What a way to sign in does not use is not kept.
func TestUnusedSecretsAreDropped(t *testing.T) {
	uses := map[signin.Way]string{
		signin.SharedAccessKey: "Key", signin.SharedAccessToken: "Token", signin.ClientSecret: "Secret",
		signin.ClientCertificate: "Secret Certificate",
	}
	for way := range wayWords {
		p := Profile{ID: "id"}
		mark(reflect.ValueOf(&p).Elem(), 0)
		p.SignIn.Way, p.SendSignIn.Way = way, way
		p = p.Normalize()
		for _, s := range []signin.Settings{p.SignIn, p.SignInFor(relayclient.Sending)} {
			v := reflect.ValueOf(s)
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				secret, is := v.Field(i).Interface().(relayclient.Secret)
				if used := strings.Contains(" "+uses[way]+" ", " "+name+" "); is && used == secret.Empty() {
					t.Errorf("%s: %s is used: %v, kept: %v", wayWords[way], name, used, !secret.Empty())
				}
			}
		}
	}
}
