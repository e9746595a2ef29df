package stack

import (
	"context"
	"errors"
	"fmt"

	"wxhub/cmd/internal/app"
	"wxhub/cmd/internal/config"
	"wxhub/cmd/internal/menu"
	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/sandbox"
)

// OpenAccount gives the first official account what its owner enters in WeChat's console, message push to this server,
// and the menu, in which a path is a page of this server. It returns the account's app id.
func (s *Stack) OpenAccount(ctx context.Context, buttons []config.MenuButton) (appID string, err error) {
	for _, account := range s.config.WeChat.Apps {
		if account.Kind != model.OfficialAccount {
			continue
		}
		push := sandbox.PushSettings{URL: s.URL + "/v1/wechat/" + account.ID + "/callback"}
		if err := s.Sandbox.SetPush(account.ID, push); err != nil {
			return "", err
		}
		account.Menu = buttons
		return account.ID, s.pushMenu(ctx, account)
	}
	return "", errors.New("the sandbox has no official account")
}

func (s *Stack) pushMenu(ctx context.Context, account config.App) (err error) {
	want, err := menu.Wanted(account, s.URL)
	if err != nil {
		return err
	}
	client, closeClient, err := app.OpenAccounts(ctx, s.config, s.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeClient()) }()
	if err := menu.Push(ctx, client, account.ID, wx.Menu{}, want); err != nil {
		return fmt.Errorf("the menu: %w", err)
	}
	return nil
}
