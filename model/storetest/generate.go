package storetest

import (
	"reflect"
	"time"

	"pgregory.net/rapid"

	"wxhub/model"
)

// Anything generates values with anything that their types allow in every field, by
// reflection: a field added to the model is tested from the first day.
func Anything[T any]() *rapid.Generator[T] {
	return rapid.MakeCustom[T](rapid.MakeConfig{Types: map[reflect.Type]*rapid.Generator[any]{
		reflect.TypeFor[time.Time](): anyTime().AsAny(),
	}})
}

// anyTime generates zero times and times of the years 1970 to 9999 to the
// nanosecond, in some other zone than UTC.
func anyTime() *rapid.Generator[time.Time] {
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

// Same reports whether a store gave back what it was given: times cut to what stores
// keep, and no difference between nil and an empty slice or map. Times of the wrong zone, or
// too fine ones, are a difference.
func Same[T any](got, given T) bool {
	normalise(reflect.ValueOf(&got).Elem(), func(at time.Time) time.Time { return at })
	normalise(reflect.ValueOf(&given).Elem(), model.Instant)
	return reflect.DeepEqual(got, given)
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
