"""What a kind of change is called on a screen."""

LABELS = {
    "account_created": "建立账号",
    "account_changed": "更改账号",
    "password_reset": "重设密码",
    "password_changed": "本人更改密码",
    "factor_set": "本人设置第二验证",
    "factor_removed": "本人取消第二验证",
    "factor_reset": "清除第二验证",
    "recovery_codes_made": "本人换恢复码",
    "sessions_ended": "结束全部登录",
    "unlocked": "解除锁定",
    "duty_given": "安排岗位",
    "duty_ended": "结束岗位",
    "stand_in": "安排代班",
    "window_added": "增加窗口",
    "window_changed": "更改窗口",
    "window_closed": "撤销窗口",
    "unit_changed": "更改部门",
    "unit_closed": "撤销部门",
    "hall_changed": "更改大厅",
    "city_loaded": "载入城市资料",
}
