"""The product space of all goods of 2022: complexity of countries and goods, proximity of mineral goods."""
