module github.com/ArtisanCloud/PowerSocialite/v3

go 1.23
