package paytest

import (
	"reflect"
	"time"

	"pgregory.net/rapid"

	"wxhub/model"
)

// AnyOrder generates orders with anything that their types allow in every field,
// fields that model.Order gets in future included.
func AnyOrder() *rapid.Generator[model.Order] {
	return rapid.MakeCustom[model.Order](anything())
}

// AnyClaim generates idempotency claims likewise.
func AnyClaim() *rapid.Generator[model.IdempotentOrder] {
	return rapid.MakeCustom[model.IdempotentOrder](anything())
}

func anything() rapid.MakeConfig {
	return rapid.MakeConfig{Types: map[reflect.Type]*rapid.Generator[any]{
		reflect.TypeFor[time.Time](): AnyTime().AsAny(),
	}}
}

// AnyTime generates zero times and times of the years 1970 to 9999 to the
// nanosecond, in some other zone than UTC.
func AnyTime() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "zero") {
			return time.Time{}
		}
		const lastSecond = 253402300799
		second := rapid.Int64Range(0, lastSecond-24*60*60).Draw(t, "second")
		nano := rapid.Int64Range(0, 999_999_999).Draw(t, "nano")
		zone := rapid.IntRange(-12*60*60, 12*60*60).Draw(t, "zone")
		return time.Unix(second, nano).In(time.FixedZone("somewhere", zone))
	})
}

// asStored is v as a store gives it back: times cut to what stores keep, and nil for
// every empty map and slice.
func asStored[T any](v T) T {
	normalise(reflect.ValueOf(&v).Elem(), model.Instant)
	return v
}

// asRead is what a store gave back, with nil for every empty map and slice. Its times
// stay as they are: too fine ones, or ones of another zone, are faults.
func asRead[T any](v T) T {
	normalise(reflect.ValueOf(&v).Elem(), func(at time.Time) time.Time { return at })
	return v
}

func normalise(v reflect.Value, instant func(time.Time) time.Time) {
	if at, ok := v.Interface().(time.Time); ok {
		v.Set(reflect.ValueOf(instant(at)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			normalise(v.Field(i), instant)
		}
	case reflect.Map:
		if v.Len() == 0 {
			v.SetZero()
		}
	case reflect.Slice:
		if v.Len() == 0 {
			v.SetZero()
			return
		}
		copied := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(copied, v)
		for i := range copied.Len() {
			normalise(copied.Index(i), instant)
		}
		v.Set(copied)
	}
}
