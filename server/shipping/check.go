package shipping

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"wxhub/model"
	"wxhub/wx"
)

// WeChat's limits, in characters.
const (
	maxDescription = 120
	maxParcels     = 15
)

var (
	errNotPaid   = model.NewError(model.KindConflict, "order_not_paid", "the order is not paid, so there is nothing to deliver")
	errNotNeeded = model.NewError(model.KindConflict, "shipping_not_needed", "only what was paid for in a mini-program has shipping information")

	trackingNo = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)
	company    = regexp.MustCompile(`^[0-9A-Za-z_]{1,128}$`)
	masked     = regexp.MustCompile(`^[0-9+*-]*\*[*-]*[0-9]{4}$`)
)

// check says what WeChat would refuse, and names the field.
func check(r Request) error {
	express := r.Logistics == wx.LogisticsExpress
	switch {
	case express && (len(r.Items) < 1 || len(r.Items) > maxParcels):
		return model.InvalidField("items", "must be 1 to %d parcels", maxParcels)
	case !express && len(r.Items) != 1:
		return model.InvalidField("items", "must be one: only parcels are sent in parts")
	case !express && !r.AllDelivered:
		return model.InvalidField("all_delivered", "must be true: only parcels are sent in parts")
	}
	for i, item := range r.Items {
		field := func(name string) string { return fmt.Sprintf("items[%d].%s", i, name) }
		switch {
		case express && !trackingNo.MatchString(item.TrackingNo):
			return model.InvalidField(field("tracking_no"), "must be the parcel's number: letters and digits")
		case express && !company.MatchString(item.ExpressCompany):
			return model.InvalidField(field("express_company"), "must be WeChat's id of the company, such as SF or YTO")
		case !express && (item.TrackingNo != "" || item.ExpressCompany != "" || item.ReceiverContact != ""):
			return model.InvalidField(field("tracking_no"), "and its company and contact are for express only")
		case item.ReceiverContact != "" && !masked.MatchString(item.ReceiverContact):
			return model.InvalidField(field("receiver_contact"), "must be masked but for the last four digits, such as 189****1234")
		case strings.TrimSpace(item.Description) == "" || utf8.RuneCountInString(item.Description) > maxDescription:
			return model.InvalidField(field("item_desc"), "must have 1 to %d characters", maxDescription)
		}
	}
	return nil
}

// shorten makes an order's description, which may have 127 characters, one of an item.
func shorten(s string) string {
	r := []rune(s)
	if len(r) <= maxDescription {
		return s
	}
	return string(r[:maxDescription-1]) + "…"
}
