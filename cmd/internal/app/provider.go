package app

import (
	"time"

	"wxhub/model"
	"wxhub/server/shipping"
	"wxhub/wx"
	"wxhub/wx/mini"
)

// wireShipping makes what tells WeChat of deliveries, and lets the queue do its tasks.
func (a *App) wireShipping(minis *mini.Client) *shipping.Shipper {
	o := shipping.Options{
		Pay: a.pay, Mini: minis, Queue: a.tasks, Automatic: map[string]wx.Logistics{}, Apps: map[string]bool{}, Now: time.Now,
	}
	for _, app := range a.config.WeChat.Apps {
		if app.Kind != model.MiniProgram {
			continue
		}
		o.Apps[app.ID] = true
		if app.UploadShippingInfo {
			o.Automatic[app.ID] = shipping.Names[app.Shipping]
		}
	}
	s := shipping.New(o)
	a.tasks.Handlers[shipping.Kind] = s.Handle
	return s
}
