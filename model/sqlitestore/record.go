package sqlitestore

import (
	"encoding/json"
	"fmt"
	"time"

	"wxhub/model"
)

// head is what every aggregate keeps in columns and therefore not in its document.
type head struct {
	ID      string        `json:"id"`
	Version int64         `json:"version"`
	Outbox  []eventRecord `json:"outbox,omitempty"`
}

type eventRecord struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	Subject   string    `json:"subject"`
	Data      []byte    `json:"data,omitempty"` // base64: as JSON it would be reformatted, and it is signed as it is
	CreatedAt time.Time `json:"created_at,omitzero"`
}

func recordOfEvent(e model.Event) eventRecord {
	return eventRecord{
		ID: e.ID, Type: string(e.Type), Subject: e.Subject, Data: e.Data, CreatedAt: model.Instant(e.CreatedAt),
	}
}

func (r eventRecord) event() model.Event {
	return model.Event{
		ID: r.ID, Type: model.EventType(r.Type), Subject: r.Subject, Data: r.Data, CreatedAt: r.CreatedAt,
	}
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

// encode gives the text of a document.
func encode(record any) (string, error) {
	text, err := json.Marshal(record)
	if err != nil {
		return "", unavailable("encode", err)
	}
	return string(text), nil
}

// encodeOutbox gives NULL for an empty outbox, which keeps the row out of the
// index of pending events.
func encodeOutbox(records []eventRecord) (*string, error) {
	if len(records) == 0 {
		return nil, nil
	}
	text, err := encode(records)
	return &text, err
}

func decode(what, text string, into any) error {
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return unavailable("decode "+what, err)
	}
	return nil
}

func decodeOutbox(what string, text *string) (records []eventRecord, err error) {
	if text == nil {
		return nil, nil
	}
	err = decode(fmt.Sprintf("outbox of %s", what), *text, &records)
	return records, err
}
