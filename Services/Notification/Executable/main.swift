import Notification

runNotification()
