package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"wxhub/model"
)

// Aggregate is how a suite reaches one kind of record that has a key and a version.
// What holds for all kinds is tested here.
type Aggregate[T any] struct {
	Sample  func(n int) T          // something in every field; records of different n differ
	Key     func(v *T, key string) // gives v the key, and with it whatever never changes
	Version func(v *T) *int64      // where the version is
	Add     func(ctx context.Context, v T) (created bool, err error)
	Read    func(ctx context.Context, v T) (T, error) // what has v's key
	Replace func(ctx context.Context, v T) error
	Delete  func(ctx context.Context, v T) error // nil when such records are never deleted
}

// Tests are the tests of one kind of record. They share a database; each has keys of
// its own.
func Tests[S, T any](name string, of func(S) Aggregate[T]) Test[S] {
	return Test[S]{Name: name, Run: func(t *testing.T, s S) {
		a := of(s)
		t.Run("come back as they were stored", a.roundTrip)
		t.Run("a key is taken once", a.once)
		t.Run("what is stale or not there changes nothing", a.stale)
		t.Run("race: one is made", a.raceAdd)
		t.Run("race: one replacement of a version wins", a.raceReplace)
		t.Run("race: no replacement is lost", a.raceCount)
		if a.Delete != nil {
			t.Run("deleted once, of its version", a.deletion)
			t.Run("race: deletion or replacement", a.raceDelete)
		}
	}}
}

// sample is a record with a key, as it is stored in a version.
func (a Aggregate[T]) sample(key string, n int, version int64) T {
	v := a.Sample(n)
	a.Key(&v, key)
	*a.Version(&v) = version
	return v
}

func (a Aggregate[T]) roundTrip(t *testing.T) {
	generator, n := Anything[T](), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		key := fmt.Sprintf("%s-%d", rapid.String().Draw(t, "key"), n)
		v := generator.Draw(t, "record")
		a.Key(&v, key)
		if created, err := a.Add(context.Background(), v); err != nil || !created {
			t.Fatalf("add: created %v, error %v", created, err)
		}
		*a.Version(&v) = 1
		a.want(t, v)

		v = generator.Draw(t, "changed record")
		a.Key(&v, key)
		*a.Version(&v) = 1
		if err := a.Replace(context.Background(), v); err != nil {
			t.Fatalf("replace: %v", err)
		}
		*a.Version(&v) = 2
		a.want(t, v)
	})
}

func (a Aggregate[T]) once(t *testing.T) {
	// Whatever the caller says, a new record is Version 1.
	a.add(t, a.sample("once", 1, 7))
	if created, err := a.Add(context.Background(), a.sample("once", 2, 1)); err != nil || created {
		t.Errorf("second: created %v, error %v, want neither", created, err)
	}
	a.want(t, a.sample("once", 1, 1))
}

func (a Aggregate[T]) stale(t *testing.T) {
	if err := a.Replace(context.Background(), a.sample("none", 1, 1)); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("replace: got %v, want ErrNotFound", err)
	}
	a.wantNone(t, "none")
	a.add(t, a.sample("stale", 1, 1))
	if err := a.Replace(context.Background(), a.sample("stale", 2, 1)); err != nil {
		t.Fatalf("replace: %v", err)
	}
	for _, version := range []int64{-1, 0, 1, 3} {
		if err := a.Replace(context.Background(), a.sample("stale", 3, version)); !errors.Is(err, model.ErrStale) {
			t.Errorf("replace with version %d of 2: got %v, want ErrStale", version, err)
		}
	}
	a.want(t, a.sample("stale", 2, 2))
}

func (a Aggregate[T]) deletion(t *testing.T) {
	remove := func(version int64) error { return a.Delete(context.Background(), a.sample("deleted", 1, version)) }
	if err := remove(1); err != nil {
		t.Errorf("delete what is not there: %v", err)
	}
	a.add(t, a.sample("deleted", 1, 1))
	for _, version := range []int64{-1, 0, 2} {
		if err := remove(version); !errors.Is(err, model.ErrStale) {
			t.Errorf("delete version %d of 1: got %v, want ErrStale", version, err)
		}
	}
	a.want(t, a.sample("deleted", 1, 1))
	for range 2 {
		if err := remove(1); err != nil {
			t.Errorf("delete: %v", err)
		}
		a.wantNone(t, "deleted")
	}
	if err := a.Replace(context.Background(), a.sample("deleted", 2, 1)); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("replace what was deleted: got %v, want ErrNotFound", err)
	}
	a.add(t, a.sample("deleted", 2, 1))
	a.want(t, a.sample("deleted", 2, 1))
}

func (a Aggregate[T]) add(t *testing.T, v T) {
	t.Helper()
	if created, err := a.Add(context.Background(), v); err != nil || !created {
		t.Fatalf("add: created %v, error %v", created, err)
	}
}

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
}

func (a Aggregate[T]) want(t tester, want T) {
	t.Helper()
	got, err := a.Read(context.Background(), want)
	if err != nil || !Same(got, want) {
		t.Errorf("stored and read differ, error %v:\n got %#v\nwant %#v", err, got, want)
	}
}

func (a Aggregate[T]) wantNone(t tester, key string) {
	t.Helper()
	if got, err := a.Read(context.Background(), a.sample(key, 1, 1)); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("got %#v, error %v, want ErrNotFound", got, err)
	}
}
