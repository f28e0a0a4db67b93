"""Campaigns that terminals are asked by: stage after stage, paused when they do harm, and never for ever."""
