package peertest

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/ArtisanCloud/PowerWeChat/v3/src/basicService/jssdk"
	"github.com/ArtisanCloud/PowerWeChat/v3/src/miniProgram"
)

func TestPowerWeChat(t *testing.T) {
	for name, stable := range map[string]bool{"classic token": false, "stable token": true} {
		t.Run(name, func(t *testing.T) {
			f := newFace(t)
			dir := t.TempDir()
			app, err := miniProgram.NewMiniProgram(&miniProgram.UserConfig{
				AppID: f.app, Secret: f.APIKey, StableTokenMode: stable,
				Http: miniProgram.Http{BaseURI: f.base},
				Log:  miniProgram.Log{File: filepath.Join(dir, "info.log"), Error: filepath.Join(dir, "error.log")},
			})
			if err != nil {
				t.Fatal(err)
			}
			tickets, err := jssdk.NewClient(app)
			if err != nil {
				t.Fatal(err)
			}
			ctx := context.Background()
			f.use(t, peer{
				token: func() (string, error) {
					got, err := app.AccessToken.GetToken(ctx, false)
					if err != nil {
						return "", err
					}
					return got.AccessToken, nil
				},
				ticket: func() (string, error) {
					got, err := tickets.GetTicket(ctx, true, "jsapi")
					if err != nil {
						return "", err
					}
					return fmt.Sprint((*got)["ticket"]), nil
				},
				call: func() ([]string, error) {
					var got struct {
						IPList []string `json:"ip_list"`
					}
					_, err := app.Base.BaseClient.HttpGet(ctx, "cgi-bin/get_api_domain_ip", nil, nil, &got)
					return got.IPList, err
				},
			})
		})
	}
}
