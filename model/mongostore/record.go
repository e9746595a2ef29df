package mongostore

import (
	"time"

	"wxhub/model"
)

type eventRecord struct {
	ID        string          `bson:"id"`
	Type      model.EventType `bson:"type"`
	Subject   string          `bson:"subject"`
	Data      []byte          `bson:"data,omitempty"` // binary: it is signed as it is, byte by byte
	CreatedAt time.Time       `bson:"created_at,omitempty"`
}

func recordOfEvent(e model.Event) eventRecord {
	return eventRecord{ID: e.ID, Type: e.Type, Subject: e.Subject, Data: e.Data, CreatedAt: model.Instant(e.CreatedAt)}
}

func (r eventRecord) event() model.Event {
	return model.Event{ID: r.ID, Type: r.Type, Subject: r.Subject, Data: r.Data, CreatedAt: r.CreatedAt}
}

func recordsOf(events []model.Event) []eventRecord {
	var records []eventRecord
	for _, e := range events {
		records = append(records, recordOfEvent(e))
	}
	return records
}

func eventsOf(records []eventRecord) []model.Event {
	var events []model.Event
	for _, r := range records {
		events = append(events, r.event())
	}
	return events
}

// pairRecord is one entry of a map. As field names its keys could not be empty,
// contain a zero byte, or (in some servers) begin with '$'.
type pairRecord struct {
	Key   string `bson:"k"`
	Value string `bson:"v"`
}

func recordOfMap(m map[string]string) []pairRecord {
	var pairs []pairRecord
	for k, v := range m {
		pairs = append(pairs, pairRecord{k, v})
	}
	return pairs
}

func mapOf(pairs []pairRecord) map[string]string {
	if len(pairs) == 0 {
		return nil
	}
	m := make(map[string]string, len(pairs))
	for _, p := range pairs {
		m[p.Key] = p.Value
	}
	return m
}
