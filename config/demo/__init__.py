"""The demo: four shops with settings worth looking at and two weeks of traffic."""
