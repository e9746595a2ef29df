package app

import (
	"time"

	"wxhub/cmd/internal/config"
	"wxhub/model"
	"wxhub/pay/applyment"
	"wxhub/server/shipping"
	"wxhub/wx"
	"wxhub/wx/mini"
)

// newApplyments makes what hands applications of sub merchants in.
func (a *App) newApplyments(ids model.IDs) *applyment.Service {
	o := applyment.Options{
		Store: a.store.applyments, WeChat: a.gateway, Every: a.config.Jobs.OrderSweepInterval,
		Now: time.Now, IDs: ids, Log: a.options.Log, OnEvent: a.events.Ring,
	}
	for _, m := range a.config.Pay.Merchants {
		if m.Mode == config.ModePartner {
			o.Providers = append(o.Providers, m.ID)
		}
	}
	return applyment.New(o)
}

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
