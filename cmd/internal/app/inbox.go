package app

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"wxhub/model"
	"wxhub/server/notify"
)

// Kept is a notification of WeChat Pay in the inbox, without what it says.
type Kept struct {
	ID         string // for ReplayNotification
	MerchantID string
	Status     model.TaskStatus
	ReceivedAt time.Time // of the last copy
	Attempts   int
	LastError  string
}

// Notifications lists the inbox by status, the newest first.
func (a *App) Notifications(ctx context.Context, status model.TaskStatus, limit int) ([]Kept, error) {
	list, err := a.store.tasks.ListTasks(ctx, notify.Kind, status, limit)
	var out []Kept
	for _, t := range list {
		var n notify.Notice
		if err := json.Unmarshal(t.Body, &n); err != nil {
			return nil, err
		}
		out = append(out, Kept{
			ID: strings.TrimPrefix(t.ID, notify.Kind+"."), MerchantID: n.MerchantID, Status: t.Status,
			ReceivedAt: n.ReceivedAt, Attempts: t.Attempts, LastError: t.LastError,
		})
	}
	return out, err
}

// ReplayNotification does what a kept notification says, once more. Errors:
// model.ErrNotFound when it is not in the inbox; those of pay.Service.Notify.
func (a *App) ReplayNotification(ctx context.Context, id string) error {
	return a.tasks.Retry(ctx, notify.Kind+"."+id)
}
