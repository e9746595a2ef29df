package model

import "time"

// ApplymentStatus is where an application of a sub merchant (特约商户进件) stands. Package pay/applyment owns the table of
// legal changes.
type ApplymentStatus string

// The statuses of an application.
const (
	ApplymentCreated       ApplymentStatus = "created"         // submitted; whether WeChat has it is not known
	ApplymentUnsubmitted   ApplymentStatus = "unsubmitted"     // WeChat does not have it: it has to be submitted again
	ApplymentEditing       ApplymentStatus = "editing"         // something went wrong at WeChat: it has to be submitted again
	ApplymentAuditing      ApplymentStatus = "auditing"        // WeChat's people look at it
	ApplymentRejected      ApplymentStatus = "rejected"        // they found something wrong: correct it and submit it again
	ApplymentToBeConfirmed ApplymentStatus = "to_be_confirmed" // the super administrator must show that the account is theirs
	ApplymentToBeSigned    ApplymentStatus = "to_be_signed"    // the super administrator must sign
	ApplymentSigning       ApplymentStatus = "signing"         // WeChat sets the sub merchant up
	ApplymentFinished      ApplymentStatus = "finished"        // there is a sub merchant
	ApplymentCanceled      ApplymentStatus = "canceled"        // taken back in WeChat's console, or a term was over
)

// ApplymentStatuses lists all of them.
var ApplymentStatuses = []ApplymentStatus{
	ApplymentCreated, ApplymentUnsubmitted, ApplymentEditing, ApplymentAuditing, ApplymentRejected,
	ApplymentToBeConfirmed, ApplymentToBeSigned, ApplymentSigning, ApplymentFinished, ApplymentCanceled,
}

// Applyment is an application that somebody become a service provider's sub merchant. It is an aggregate of its own,
// replaced as a whole when its version is still the one that was read. What was submitted is not in it: names, papers
// and accounts go to WeChat and nowhere else.
type Applyment struct {
	ID            string // MerchantID and BusinessCode, see ApplymentID
	MerchantID    string // the service provider
	BusinessCode  string // our number at WeChat, unique for the service provider
	ShortName     string // as payers will see it
	Status        ApplymentStatus
	ApplymentID   int64  // WeChat's number; 0 until it is known
	SubMerchantID string // known once it is to be signed
	SignURL       string // where the super administrator goes on
	Message       string // WeChat's own word on the state
	Rejections    []ApplymentRejection
	LastError     string // why WeChat refused the last submission
	RequestKey    string // hash of the Idempotency-Key of the last submission
	BodyHash      string // of the last submission, keyed with its Idempotency-Key
	CreatedAt     time.Time
	SubmittedAt   time.Time // the last time
	ChangedAt     time.Time // of the status
	CheckAt       time.Time // when a job should ask about it next; zero: never
	History       []Step
	Outbox        []Event // events not yet handed to the webhook deliveries
	Version       int64
}

// ApplymentRejection is one thing that WeChat found wrong with an application.
type ApplymentRejection struct{ Field, FieldName, Reason string }

// ApplymentID is the id of a service provider's application.
func ApplymentID(merchantID, businessCode string) string { return merchantID + ":" + businessCode }

// ApplymentFilter selects a service provider's applications, in the order of their business_code.
type ApplymentFilter struct {
	MerchantID string
	Status     ApplymentStatus // "" is any
	AfterID    string          // exclusive; "" begins
	Limit      int
}
