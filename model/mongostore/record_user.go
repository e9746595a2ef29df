package mongostore

import (
	"time"

	"wxhub/model"
)

// userRecord is the document of a user. Documents from before users could be merged
// have no merged_into and no erasing: filters must find them without. erasing is the first
// name of Unsettled.
type userRecord struct {
	ID         string        `bson:"_id"`
	Version    int64         `bson:"version"`
	Phone      string        `bson:"phone,omitempty"`
	PhoneAt    time.Time     `bson:"phone_at,omitempty"`
	CreatedAt  time.Time     `bson:"created_at"`
	MergedInto string        `bson:"merged_into,omitempty"`
	Merges     []mergeRecord `bson:"merges,omitempty"`
	ErasedAt   time.Time     `bson:"erased_at,omitempty"`
	Unsettled  bool          `bson:"erasing,omitempty"`
	Outbox     []eventRecord `bson:"outbox,omitempty"`
	HasOutbox  bool          `bson:"has_outbox"`
}

type mergeRecord struct {
	Into     string           `bson:"into"`
	At       time.Time        `bson:"at,omitempty"`
	Cause    model.MergeCause `bson:"cause"`
	By       keyRecord        `bson:"by"`
	Union    unionKeyRecord   `bson:"union"`
	Loser    []keyRecord      `bson:"loser,omitempty"`
	Survivor []keyRecord      `bson:"survivor,omitempty"`
	UndoneAt time.Time        `bson:"undone_at,omitempty"`
}

// keyRecord and unionKeyRecord convert to and from the model, which does not compile
// when the model has a field more.
type keyRecord struct {
	AppID  string `bson:"app_id"`
	OpenID string `bson:"open_id"`
}

type unionKeyRecord struct {
	OpenPlatform string `bson:"open_platform"`
	UnionID      string `bson:"union_id"`
}

func recordOfUser(u model.User, version int64) userRecord {
	r := userRecord{
		ID: u.ID, Version: version, Phone: u.Phone, PhoneAt: model.Instant(u.PhoneAt), CreatedAt: model.Instant(u.CreatedAt),
		MergedInto: u.MergedInto, ErasedAt: model.Instant(u.ErasedAt), Unsettled: u.Unsettled,
		Outbox: recordsOf(u.Outbox), HasOutbox: len(u.Outbox) > 0,
	}
	for _, m := range u.Merges {
		r.Merges = append(r.Merges, mergeRecord{
			Into: m.Into, At: model.Instant(m.At), Cause: m.Cause, By: keyRecord(m.By), Union: unionKeyRecord(m.Union),
			Loser: recordsOfKeys(m.Loser), Survivor: recordsOfKeys(m.Survivor), UndoneAt: model.Instant(m.UndoneAt),
		})
	}
	return r
}

func (r userRecord) user() model.User {
	u := model.User{
		ID: r.ID, Version: r.Version, Phone: r.Phone, PhoneAt: r.PhoneAt, CreatedAt: r.CreatedAt,
		MergedInto: r.MergedInto, ErasedAt: r.ErasedAt, Unsettled: r.Unsettled, Outbox: eventsOf(r.Outbox),
	}
	for _, m := range r.Merges {
		u.Merges = append(u.Merges, model.Merge{
			Into: m.Into, At: m.At, Cause: m.Cause, By: model.IdentityKey(m.By), Union: model.UnionKey(m.Union),
			Loser: keysOf(m.Loser), Survivor: keysOf(m.Survivor), UndoneAt: m.UndoneAt,
		})
	}
	return u
}

func recordsOfKeys(keys []model.IdentityKey) []keyRecord {
	var records []keyRecord
	for _, k := range keys {
		records = append(records, keyRecord(k))
	}
	return records
}

func keysOf(records []keyRecord) []model.IdentityKey {
	var keys []model.IdentityKey
	for _, r := range records {
		keys = append(keys, model.IdentityKey(r))
	}
	return keys
}
