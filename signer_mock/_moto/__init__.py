"""moto's services as this mock meets them, one file each; imported only when asked for."""
