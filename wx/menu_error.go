package wx

import "wxhub/model"

// ErrNoMenu: the account has no menu (46003).
var ErrNoMenu = model.NewError(model.KindNotFound, "menu_not_found", "the official account has no menu")
