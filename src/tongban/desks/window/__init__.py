"""The window desk (收件窗口): intake, supplement, tolerated materials, forms, paper."""
