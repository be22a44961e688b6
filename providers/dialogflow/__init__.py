"""dialogflow"""
