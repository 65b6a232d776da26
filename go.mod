module relayscope

go 1.26.0
