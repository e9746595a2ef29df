package model

import (
	"encoding/json"
	"time"
)

// EventType names an event to business backends (CONTRACT §5).
type EventType string

// The events of the contract.
const (
	EventOrderPaid       EventType = "order.paid"
	EventOrderClosed     EventType = "order.closed"
	EventRefundSucceeded EventType = "refund.succeeded"
	EventRefundFailed    EventType = "refund.failed"
	EventUserCreated     EventType = "user.created"
	EventUserMerged      EventType = "user.merged"
)

// Events beyond the contract: what operators did to users, what became of transfers and applications, and what people did in WeChat.
const (
	EventUserUnmerged         EventType = "user.unmerged"
	EventUserErased           EventType = "user.erased"
	EventTransferSucceeded    EventType = "transfer.succeeded"
	EventTransferFailed       EventType = "transfer.failed"
	EventApplymentChanged     EventType = "applyment.changed"
	EventFollowerSubscribed   EventType = "follower.subscribed"
	EventFollowerUnsubscribed EventType = "follower.unsubscribed"
	EventFollowerScanned      EventType = "follower.scanned"
	EventMenuClicked          EventType = "menu.clicked"
	EventMenuViewed           EventType = "menu.viewed"
	EventMessageReceived      EventType = "message.received"
)

// EventTypes lists all of them.
var EventTypes = []EventType{
	EventOrderPaid, EventOrderClosed, EventRefundSucceeded, EventRefundFailed, EventUserCreated, EventUserMerged,
	EventUserUnmerged, EventUserErased, EventFollowerSubscribed, EventFollowerUnsubscribed, EventFollowerScanned,
	EventMenuClicked, EventMenuViewed, EventMessageReceived, EventTransferSucceeded, EventTransferFailed, EventApplymentChanged,
}

// Event is something that happened, once. It is written in the same document as
// the change that caused it, so it exists exactly when the change does.
type Event struct {
	ID        string
	Type      EventType
	Subject   string // id of the order or user it is about
	Data      json.RawMessage
	CreatedAt time.Time
}

// DeliveryStatus is where the delivery of one event to one endpoint stands.
type DeliveryStatus string

// The statuses of a delivery.
const (
	DeliveryPending   DeliveryStatus = "pending"
	DeliveryDelivered DeliveryStatus = "delivered"
	DeliveryDead      DeliveryStatus = "dead" // gave up after the retry window
)

// Delivery is one event on its way to one endpoint. Its ID is derived from both,
// so handing an event over twice makes one delivery.
type Delivery struct {
	ID        string
	Endpoint  string // the configured URL
	Event     Event
	Status    DeliveryStatus
	Attempts  int
	DueAt     time.Time // next attempt; also the end of a worker's lease
	LastError string    // for operators, without secrets
	CreatedAt time.Time
	Version   int64
}
