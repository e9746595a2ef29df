package sqlitestore

import (
	"time"

	"wxhub/model"
)

// userRecord is the document of a user: everything that has no column.
type userRecord struct {
	Phone    string        `json:"phone,omitempty"`
	PhoneAt  time.Time     `json:"phone_at,omitzero"`
	Merges   []mergeRecord `json:"merges,omitempty"`
	ErasedAt time.Time     `json:"erased_at,omitzero"`
}

type mergeRecord struct {
	Into     string           `json:"into"`
	At       time.Time        `json:"at,omitzero"`
	Cause    model.MergeCause `json:"cause"`
	By       keyRecord        `json:"by,omitzero"`
	Union    unionKeyRecord   `json:"union,omitzero"`
	Loser    []keyRecord      `json:"loser,omitempty"`
	Survivor []keyRecord      `json:"survivor,omitempty"`
	UndoneAt time.Time        `json:"undone_at,omitzero"`
}

// keyRecord and unionKeyRecord convert to and from the model, which does not compile
// when the model has a field more.
type keyRecord struct {
	AppID  string `json:"app_id"`
	OpenID string `json:"open_id"`
}

type unionKeyRecord struct {
	OpenPlatform string `json:"open_platform"`
	UnionID      string `json:"union_id"`
}

func recordOfUser(u model.User) userRecord {
	r := userRecord{Phone: u.Phone, PhoneAt: model.Instant(u.PhoneAt), ErasedAt: model.Instant(u.ErasedAt)}
	for _, m := range u.Merges {
		r.Merges = append(r.Merges, mergeRecord{
			Into: m.Into, At: model.Instant(m.At), Cause: m.Cause, By: keyRecord(m.By), Union: unionKeyRecord(m.Union),
			Loser: recordsOfKeys(m.Loser), Survivor: recordsOfKeys(m.Survivor), UndoneAt: model.Instant(m.UndoneAt),
		})
	}
	return r
}

func (r mergeRecord) merge() model.Merge {
	return model.Merge{
		Into: r.Into, At: r.At, Cause: r.Cause, By: model.IdentityKey(r.By), Union: model.UnionKey(r.Union),
		Loser: keysOf(r.Loser), Survivor: keysOf(r.Survivor), UndoneAt: r.UndoneAt,
	}
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
