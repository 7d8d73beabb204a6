"""Signed JSON documents for AWS IoT and FreeRTOS."""
