import Analytics

runAnalytics()
